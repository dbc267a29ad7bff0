import { describe, expect, it } from 'vitest';
import { NULL_LABEL, networkFrom, type ImageBatch, type Network } from '../../src/diffusion/denoiser.js';
import { guidanceTimesteps, resolveGuidanceWeight, withGuidance } from '../../src/diffusion/guidance.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import golden from '../golden/samplers.json' with { type: 'json' };
import { asX0 } from '../../src/diffusion/prediction.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { ddpm } from '../../src/diffusion/samplers/ddpm.js';

/** A prediction that depends on every input: ε = (label + 2) · x + t. */
const epsilonOf = (x: number, t: number, label: number) => (label + 2) * x + t;

function recordingDenoiser() {
  const calls: { x: ImageBatch; timesteps: Float32Array; labels: Int32Array }[] = [];
  const denoiser = networkFrom((x, timesteps, labels) => {
    calls.push({ x, timesteps, labels });
    const pixels = x.data.length / x.shape[0];
    return Promise.resolve(
      x.data.map((value, i) => {
        const image = Math.floor(i / pixels);
        return epsilonOf(value, timesteps[image] ?? NaN, labels[image] ?? NaN);
      }),
    );
  });
  return { denoiser, calls };
}

const x: ImageBatch = { shape: [3, 1, 1, 2], data: Float32Array.of(0.5, -1, 2, 3, -0.25, 1) };
const timesteps = Float32Array.of(1, 4, 2);
const labels = Int32Array.of(7, NULL_LABEL, 3);

describe('withGuidance (equation 6)', () => {
  it.each([0.2, 1, 7.5])('combines both predictions with omega = %d', async (omega) => {
    const { denoiser } = recordingDenoiser();
    const guided = await withGuidance(denoiser, omega)(x, timesteps, labels);
    const expected = Array.from(x.data, (value, i) => {
      const image = Math.floor(i / 2);
      const t = timesteps[image] ?? NaN;
      const conditional = epsilonOf(value, t, labels[image] ?? NaN);
      return (1 + omega) * conditional - omega * epsilonOf(value, t, NULL_LABEL);
    });
    expect(guided).toBeCloseToTensor(expected, { rtol: 1e-6, atol: 0 });
  });

  it('runs both halves in one batch of 2B: labels first, then none', async () => {
    const { denoiser, calls } = recordingDenoiser();
    await withGuidance(denoiser, 0.2)(x, timesteps, labels);
    expect(calls).toEqual([
      {
        x: { shape: [6, 1, 1, 2], data: Float32Array.of(...x.data, ...x.data) },
        timesteps: Float32Array.of(...timesteps, ...timesteps),
        labels: Int32Array.of(...labels, NULL_LABEL, NULL_LABEL, NULL_LABEL),
      },
    ]);
  });

  it('runs the conditional half alone with omega = 0', async () => {
    const { denoiser, calls } = recordingDenoiser();
    const guided = await withGuidance(denoiser, 0)(x, timesteps, labels);
    expect(calls).toEqual([{ x, timesteps, labels }]);
    expect(guided).toEqual(await denoiser(x, timesteps, labels));
  });

  it('leaves an image without a label exactly at its unconditional prediction', async () => {
    // As on real hardware, the two halves of the batch may round differently; (1 + ω) would blow that up.
    const rounding = networkFrom(({ data }) => Promise.resolve(data.map((value, i) => value + i * 1e-3)));
    const guided = await withGuidance(rounding, 1000)(x, timesteps, new Int32Array(3).fill(NULL_LABEL));
    expect(guided).toEqual((await rounding(x, timesteps, labels)).slice(0, 6));
  });

  it.each([-0.1, NaN, Infinity, 1e38, 1001])('refuses omega = %d', (omega) => {
    expect(() => withGuidance(recordingDenoiser().denoiser, omega)).toThrow(
      `The guidance weight omega must be a number from 0 to 1000, got ${omega}.`,
    );
  });

  it('gives the guided mean of Algorithm 2, lines 3 to 5', async () => {
    const schedule = createNoiseSchedule('linear', 1000);
    const t = 400;
    const omega = 0.7;
    const noise = { next: () => new Float32Array(6) };
    const mean = async (labelsUsed: Int32Array, denoiser: Network) => {
      const states = [];
      const run = reverseProcess(
        ddpm,
        asX0(denoiser, 'epsilon', schedule),
        schedule,
        { x, labels: labelsUsed, noise },
        { timesteps: [t, t - 1] },
      );
      for await (const state of run) states.push(state);
      return states[1]?.x ?? new Float32Array();
    };
    const { denoiser } = recordingDenoiser();
    const conditional = await mean(labels, denoiser);
    const unconditional = await mean(new Int32Array(3).fill(NULL_LABEL), denoiser);
    const expected = conditional.map((value, i) => (1 + omega) * value - omega * (unconditional[i] ?? NaN));
    expect(await mean(labels, withGuidance(denoiser, omega))).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-5 });
  });
});

describe('guidance interval (Kynkäänniemi et al. 2024)', () => {
  it('guides the timesteps within, and runs the others in a batch of B', async () => {
    const { denoiser, calls } = recordingDenoiser();
    const guided = withGuidance(denoiser, 2, { interval: [2, 3] });
    const everywhere = withGuidance(denoiser, 2);
    // Timesteps 1, 4, 2: the last image alone is within, and its label counts.
    const mixed = await guided(x, timesteps, labels);
    expect(mixed.slice(0, 4)).toEqual((await denoiser(x, timesteps, labels)).slice(0, 4));
    expect(mixed.slice(4)).toEqual((await everywhere(x, timesteps, labels)).slice(4));
    calls.length = 0;
    await guided(x, Float32Array.of(1, 4, 5), labels);
    expect(calls.map(({ x: { shape } }) => shape[0])).toEqual([3]);
  });

  it('is given in noise levels, the sigma of EDM', () => {
    const schedule = createNoiseSchedule('linear', 1000);
    const [first, last] = guidanceTimesteps(schedule, [0.3, 5]);
    const level = (t: number) => Math.sqrt(1 / (schedule.alphasCumprod[t - 1] ?? NaN) - 1);
    expect(level(first - 1)).toBeLessThan(0.3);
    expect(level(first)).toBeGreaterThanOrEqual(0.3);
    expect(level(last)).toBeLessThanOrEqual(5);
    expect(level(last + 1)).toBeGreaterThan(5);
    expect(guidanceTimesteps(schedule, [0, Infinity])).toEqual([1, 1000]);
    expect(() => guidanceTimesteps(schedule, [1e6, 2e6])).toThrow(
      'No timestep has a noise level from 1000000 to 2000000; the noise levels of this schedule range from 0.01 to 157.',
    );
  });
});

describe('guidance rescale (Lin et al. 2023)', () => {
  it.each(golden.rescaledGuidance)(
    'equals equations 15 and 16: omega $omega, rescale $rescale',
    async ({ omega, rescale, conditional, unconditional, guided }) => {
      const denoiser = networkFrom(() => Promise.resolve(Float32Array.from([...conditional, ...unconditional])));
      const three: ImageBatch = { shape: [3, 1, 4, 5], data: new Float32Array(60) };
      const found = await withGuidance(denoiser, omega, { rescale })(
        three,
        Float32Array.of(1, 1, 1),
        Int32Array.of(0, 1, 2),
      );
      expect(found).toBeCloseToTensor(guided, { rtol: 1e-5, atol: 1e-6 });
    },
  );

  /** What guidance with rescale 0.7 makes of one image [1, 1, 2, 2], predicted with and without its class. */
  const rescaled = (conditional: readonly number[], unconditional: readonly number[]) => {
    const both = networkFrom(() => Promise.resolve(Float32Array.of(...conditional, ...unconditional)));
    const image: ImageBatch = { shape: [1, 1, 2, 2], data: new Float32Array(4) };
    return withGuidance(both, 1, { rescale: 0.7 })(image, Float32Array.of(1), Int32Array.of(0));
  };

  it.each([
    [0, 0],
    [0.3, 0.3],
    [0.1, -0.7],
    [-1, -1],
    [1e30, 3],
  ])('leaves a constant prediction as it was guided: %d with, %d without the class', async (conditional, without) => {
    const constant = (value: number) => new Array<number>(4).fill(value);
    const found = await rescaled(constant(conditional), constant(without));
    expect(found).toBeCloseToTensor(constant(2 * conditional - without), { rtol: 1e-6 });
  });

  it('takes rounding for no contrast', async () => {
    const nearly = [0.3, 0.3, 0.3, 0.3 + 2 ** -25];
    expect(await rescaled(nearly, [0.3, 0.3, 0.3, 0.3])).toBeCloseToTensor([0.3, 0.3, 0.3, 0.3], { atol: 1e-6 });
    expect(await rescaled([0.5, -0.5, 0.5, -0.5], [1, -1, 1, -1])).toBeCloseToTensor([0, 0, 0, 0], { atol: 0 });
  });

  it('flattens towards a conditional prediction without contrast: what equation 16 says', async () => {
    const found = await rescaled([0.2, 0.2, 0.2, 0.2], [0, 0.2, 0.4, 0.6]);
    expect(found).toBeCloseToTensor([0.12, 0.06, 0, -0.06], { rtol: 1e-5, atol: 1e-7 });
  });

  it.each([-0.1, 1.1, NaN])('refuses rescale %d', (rescale) => {
    expect(() => withGuidance(recordingDenoiser().denoiser, 1, { rescale })).toThrow(
      `The guidance rescale must be a number from 0 to 1, got ${rescale}.`,
    );
  });
});

describe('both conventions of guidance strength', () => {
  it('s = 1 + omega', () => {
    expect(resolveGuidanceWeight({}, 0.2)).toBe(0.2);
    expect(resolveGuidanceWeight({ guidanceWeight: 0 }, 0.2)).toBe(0);
    expect(resolveGuidanceWeight({ guidanceScale: 7.5 }, 0.2)).toBe(6.5);
    expect(resolveGuidanceWeight({ guidanceScale: 1 }, 0.2)).toBe(0);
  });

  it('refuses both at once, and a scale below 1', () => {
    expect(() => resolveGuidanceWeight({ guidanceWeight: 1, guidanceScale: 2 }, 0)).toThrow('not both');
    expect(() => resolveGuidanceWeight({ guidanceScale: 0.5 }, 0)).toThrow(
      'The guidance scale s = 1 + omega must be a number from 1 to 1001, got 0.5.',
    );
    expect(() => resolveGuidanceWeight({ guidanceScale: 1e38 }, 0)).toThrow('from 1 to 1001, got 1e+38.');
  });
});
