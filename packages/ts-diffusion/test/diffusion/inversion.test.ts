import { describe, expect, it } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { invert } from '../../src/diffusion/inversion.js';
import { denoiserFrom } from '../../src/diffusion/denoiser.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { ddim } from '../../src/diffusion/samplers/ddim.js';
import { spacedTimesteps } from '../../src/diffusion/timestep-spacing.js';
import { evenlySpacedTimesteps } from '../../src/diffusion/timesteps.js';
import { mixtureDenoiser, probabilityFlow, type Mixture } from './mixture.js';
import { observedOrder } from './sampler-orders.js';
import { allStates } from './sampling.js';

const schedule = createNoiseSchedule('linear', 20_000, { rescaleBetas: true });
const mixture: Mixture = [
  { weight: 0.4, mean: -0.8, deviation: 0.3 },
  { weight: 0.6, mean: 0.5, deviation: 0.4 },
];
const denoiser = mixtureDenoiser(schedule, [mixture]);
const labels = Int32Array.of(0);
const data = Float32Array.from({ length: 40 }, (_, i) => -1.5 + (2.8 * i) / 39);
const images = { shape: [1, 1, 1, 40] as const, data };

const rms = (values: Float32Array, expected: ArrayLike<number>) =>
  Math.sqrt(values.reduce((sum, value, i) => sum + (value - (expected[i] ?? NaN)) ** 2, 0) / values.length);

async function roundTrip(steps: number, iterations: number) {
  const timesteps = spacedTimesteps(schedule, steps, 'log-snr');
  const noise = await invert(denoiser, schedule, images, labels, { timesteps, iterations });
  const start = { x: { ...images, data: noise }, labels, noise: { next: () => new Float32Array() } };
  const states = await allStates(reverseProcess(ddim, denoiser, schedule, start, { timesteps }));
  return { noise, reconstruction: states.at(-1)?.x ?? new Float32Array() };
}

describe('inversion of the exact denoiser of a Gaussian mixture', () => {
  it.each([0, 3])(
    'finds the noise that the probability flow comes from, with order 1 (%i iterations)',
    async (iterations) => {
      const [first, last] = [schedule.alphasCumprod[0] ?? NaN, schedule.alphasCumprod.at(-1) ?? NaN];
      const exact = Array.from(data, (value) => probabilityFlow(mixture, first, last, Math.sqrt(first) * value));
      const steps = [50, 100, 200];
      const errors = [];
      for (const count of steps) errors.push(rms((await roundTrip(count, iterations)).noise, exact));
      expect(Math.abs(observedOrder(steps, errors) - 1)).toBeLessThan(0.15);
    },
  );

  it('is undone by DDIM over the same timesteps, the better the more iterations', async () => {
    const errors = [];
    for (const iterations of [0, 1, 2, 6]) errors.push(rms((await roundTrip(40, iterations)).reconstruction, data));
    const [plain = NaN, once = NaN, twice = NaN, often = NaN] = errors;
    expect(plain).toBeGreaterThan(0.02);
    expect(once).toBeLessThan(plain / 3);
    expect(twice).toBeLessThan(once / 2);
    // What is left is the last step, which forgets: x_0 predicted from a noise level of 0.002.
    expect(often).toBeLessThan(1e-3);
  });

  it.each(['linear', 'cosine'] as const)(
    'takes the plain step where iterations would move apart: few steps of the %s schedule lead back to the images',
    async (name) => {
      const coarse = createNoiseSchedule(name, 1000);
      const exact = mixtureDenoiser(coarse, [mixture]);
      for (const timesteps of [evenlySpacedTimesteps(1000, 5), evenlySpacedTimesteps(1000, 20)]) {
        for (const iterations of [2, 8]) {
          const noise = await invert(exact, coarse, images, labels, { timesteps, iterations });
          const start = { x: { ...images, data: noise }, labels, noise: { next: () => new Float32Array() } };
          const states = await allStates(reverseProcess(ddim, exact, coarse, start, { timesteps }));
          // The blank image at their mean is as far as the images' own deviation.
          const blank = rms(data, new Float32Array(40).fill(data.reduce((a, b) => a + b) / 40));
          expect(rms(states.at(-1)?.x ?? new Float32Array(), data)).toBeLessThan(blank);
        }
      }
    },
  );

  it('takes each image back by itself', async () => {
    const coarse = createNoiseSchedule('cosine', 1000);
    // Whether an image gets its plain step must not depend on what is beside it.
    const exact = mixtureDenoiser(coarse, [[{ weight: 1, mean: 0, deviation: 1 }], mixture]);
    const timesteps = evenlySpacedTimesteps(1000, 20);
    const both = { shape: [2, 1, 1, 40] as const, data: Float32Array.of(...data, ...data) };
    const together = await invert(exact, coarse, both, Int32Array.of(0, 1), { timesteps });
    const alone = await invert(exact, coarse, images, Int32Array.of(1), { timesteps });
    expect(together.slice(40)).toEqual(alone);
  });

  it('tells a denoiser that is broken', async () => {
    const broken = denoiserFrom(() => Promise.resolve(new Float32Array(40).fill(NaN)));
    await expect(invert(broken, schedule, images, labels, { timesteps: [20, 10] })).rejects.toThrow(
      'The denoiser predicted NaN at timestep 10 (value 0 of 40): its weights are damaged',
    );
  });

  it('evaluates the denoiser as often as it says', async () => {
    const calls: number[] = [];
    const counting = denoiserFrom((...args) => {
      calls.push(args[1][0] ?? NaN);
      return denoiser(...args);
    });
    const timesteps = [30, 20, 10];
    await invert(counting, schedule, images, labels, { timesteps, iterations: 0 });
    expect(calls.splice(0)).toEqual([10, 20]);
    await invert(counting, schedule, images, labels, { timesteps });
    expect(calls).toEqual([10, 20, 20, 30, 30]);
  });

  it('refuses iterations that are not a count', async () => {
    await expect(invert(denoiser, schedule, images, labels, { timesteps: [2, 1], iterations: -1 })).rejects.toThrow(
      'The number of inversion iterations must be an integer >= 0, got -1.',
    );
  });
});
