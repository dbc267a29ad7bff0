import { describe, expect, it } from 'vitest';
import { toModelRange } from '../../src/utils/pixel-range.js';
import { denoiserFrom } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule, type NoiseScheduleName } from '../../src/diffusion/noise-schedule.js';
import { asX0 } from '../../src/diffusion/prediction.js';
import { bitsPerDim, type LabelledImages } from '../../src/evaluation/bits-per-dim.js';
import { logProbabilityBetween } from '../../src/evaluation/normal-tail.js';
import { ConfigError, EvaluationError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';
import { gaussian, mixtureDenoiser, predicting } from '../diffusion/mixture.js';
import { deterministicTensor, hashSequence } from '../golden/deterministic-weights.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

type Shape = LabelledImages['shape'];

describe('bitsPerDim of a model with known errors', () => {
  it.each(golden.bitsPerDim)(
    "equals calc_bpd_loop of OpenAI's guided-diffusion: $schedule T = $timesteps, $variance, clipX0 $clipX0, $visited",
    async ({ schedule: name, timesteps, visited, variance, clipX0, errorBound, ...expected }) => {
      const shape = expected.shape as unknown as Shape;
      const pixels = shape[2] * shape[3];
      const bytes = Uint8Array.from(hashSequence('bytes', shape[0] * pixels), (hash) => hash % 256);
      bytes.set([0, 255, 128]);
      const x0 = toModelRange(bytes);
      // The label tells the model which image it is shown.
      const denoiser = denoiserFrom((x, t, labels) =>
        Promise.resolve(
          x.data.map((_, i) => {
            const [row, pixel] = [Math.floor(i / pixels), i % pixels];
            const at = (labels[row] ?? NaN) * pixels + pixel;
            return (x0[at] ?? NaN) + (deterministicTensor(`error ${t[row] ?? NaN}`, x0.length, errorBound)[at] ?? NaN);
          }),
        ),
      );
      const found = await bitsPerDim(
        denoiser,
        createNoiseSchedule(name as NoiseScheduleName, timesteps),
        { shape, bytes, labels: Int32Array.of(0, 1) },
        { seed: 0, timesteps: visited, variance: variance as 'posterior' | 'beta', clipX0, batchSize: 7 },
      );
      expect(found.steps.map(({ timestep }) => timestep)).toEqual(visited);
      // What the model predicts is rounded to float32.
      expect(found.steps.map(({ bits }) => bits ?? NaN)).toBeCloseToTensor(expected.steps, { rtol: 2e-6 });
      expect(found.perImage).toBeCloseToTensor(expected.perImage, { rtol: 2e-6 });
      expect(found.prior).toBeCloseTo(expected.prior, 6);
      expect(found.bits).toBeCloseTo((expected.perImage[0] ?? NaN) / 2 + (expected.perImage[1] ?? NaN) / 2, 4);
    },
  );
});

describe('bitsPerDim of Gaussian data under the exact denoiser', () => {
  const [center, deviation] = [0.1, 0.25];
  const shape: Shape = [40, 1, 12, 12];
  const noise = new Float32Array(40 * 144);
  new RandomStream(3).fillNormal(noise);
  const images: LabelledImages = {
    shape,
    bytes: Uint8Array.from(noise, (value) =>
      Math.min(255, Math.max(0, Math.round((center + deviation * value + 1) * 127.5))),
    ),
    labels: new Int32Array(40),
  };
  const schedule = createNoiseSchedule('linear', 1000);
  const denoiser = mixtureDenoiser(schedule, [gaussian(center, deviation)]);
  const options = { seed: 1, clipX0: false } as const;

  /** What the bytes cost by a code for the distribution itself, the least that is possible on average. */
  const leastBits =
    -images.bytes.reduce((sum, byte) => {
      const edge = (level: number): number => ((2 * level) / 255 - 1 - center) / deviation;
      return (
        sum +
        logProbabilityBetween(byte === 0 ? -Infinity : edge(byte - 0.5), byte === 255 ? Infinity : edge(byte + 0.5))
      );
    }, 0) /
    images.bytes.length /
    Math.LN2;

  it('has terms of ½ (SNR_s - SNR_t) Var(x_0|x_t), and lies above what the data cost', async () => {
    const found = await bitsPerDim(denoiser, schedule, images, { ...options, batchSize: 1000 });
    const expected = found.steps.slice(0, -1).map(({ timestep }) => {
      const [kept, keptBefore] = [
        schedule.alphasCumprod[timestep - 1] ?? NaN,
        schedule.alphasCumprod[timestep - 2] ?? NaN,
      ];
      const variance = (deviation ** 2 * (1 - kept)) / (kept * deviation ** 2 + 1 - kept);
      return ((keptBefore / (1 - keptBefore) - kept / (1 - kept)) * variance) / 2 / Math.LN2;
    });
    // Each term is a mean of 5760 squares of normals: its relative standard error is √(2 / 5760).
    expect(found.steps.slice(0, -1).map(({ bits }) => bits ?? NaN)).toBeCloseToTensor(expected, {
      rtol: 4.5 * Math.sqrt(2 / 5760),
    });
    const total = expected.reduce((sum, value) => sum + value, 0);
    const totalError = Math.sqrt((2 / 5760) * expected.reduce((sum, value) => sum + value ** 2, 0));
    const last = found.steps.at(-1)?.bits ?? NaN;
    expect(Math.abs(found.bits - (found.prior + total + last))).toBeLessThan(4 * totalError);
    expect(found.bits).toBeGreaterThan(leastBits);
  }, 60_000);

  it('is estimated without bias from a few terms, with an error bar that holds', async () => {
    const short = createNoiseSchedule('linear', 200);
    const model = mixtureDenoiser(short, [gaussian(center, deviation)]);
    const all = await bitsPerDim(model, short, images, options);
    const estimates = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((seed) => bitsPerDim(model, short, images, { ...options, seed, termsPerImage: 12 })),
    );
    for (const { bits, standardError } of estimates) {
      expect(Math.abs(bits - all.bits)).toBeLessThan(4 * (standardError ?? NaN));
      expect(standardError ?? NaN).toBeLessThan(0.2);
    }
    expect(estimates[0]?.steps.at(-1)?.bits).not.toBeNull();
  });

  it('is the same whatever the batch size, and when an image is evaluated with others', async () => {
    const few = { ...options, timesteps: [900, 500, 100, 10, 1] };
    const all = await bitsPerDim(denoiser, schedule, images, few);
    const small = await bitsPerDim(denoiser, schedule, images, { ...few, batchSize: 3 });
    expect(small).toEqual(all);
    const first: LabelledImages = {
      shape: [1, 1, 12, 12],
      bytes: images.bytes.subarray(0, 144),
      labels: Int32Array.of(0),
    };
    const alone = await bitsPerDim(denoiser, schedule, first, few);
    expect(alone.perImage[0]).toBe(all.perImage[0]);
    expect(alone.standardError).toBeNull();
  });

  it('draws the noise of an image at a timestep alike, whatever other timesteps the chain visits', async () => {
    const long = await bitsPerDim(denoiser, schedule, images, { ...options, timesteps: [900, 500, 100, 1] });
    const short = await bitsPerDim(denoiser, schedule, images, { ...options, timesteps: [500, 100, 1] });
    expect(short.steps[0]).toEqual(long.steps[1]);
    expect(short.steps[1]).toEqual(long.steps[2]);
  });

  it('leaves nothing to the prior where the schedule ends in pure noise', async () => {
    const zero = createNoiseSchedule('linear', 50, { zeroTerminalSnr: true });
    const found = await bitsPerDim(mixtureDenoiser(zero, [gaussian(center, deviation)]), zero, images, options);
    expect(found.prior).toBe(0);
    expect(Number.isFinite(found.bits)).toBe(true);
  });

  it('bounds a network that predicts the flow as one that predicts the image', async () => {
    const path = createNoiseSchedule('flow', 50);
    const exact = mixtureDenoiser(path, [gaussian(center, deviation)]);
    const network = asX0(predicting('flow', exact, path), 'flow', path);
    const found = await bitsPerDim(network, path, images, options);
    const expected = await bitsPerDim(exact, path, images, options);
    expect(found.prior).toBe(0);
    expect(found.bits).toBeCloseTo(expected.bits, 4);
  });

  it('tells progress, and says what is wrong', async () => {
    const shares: number[] = [];
    await bitsPerDim(denoiser, schedule, images, {
      ...options,
      timesteps: [9, 4],
      onProgress: (share) => shares.push(share),
    });
    expect(shares).toEqual([0.8, 1]);
    await expect(bitsPerDim(denoiser, schedule, images, { ...options, timesteps: [4, 9] })).rejects.toThrow(
      ConfigError,
    );
    await expect(bitsPerDim(denoiser, schedule, images, { ...options, termsPerImage: 0 })).rejects.toThrow(
      'The number of terms per image must be from 1 to 1000, the steps of the chain, got 0',
    );
    const wrong = { ...images, labels: new Int32Array(39) };
    await expect(bitsPerDim(denoiser, schedule, wrong, options)).rejects.toThrow(EvaluationError);
    const broken = denoiserFrom((x) => Promise.resolve(new Float32Array(x.data.length).fill(NaN)));
    await expect(bitsPerDim(broken, schedule, images, options)).rejects.toThrow(
      /predicted NaN at timestep \d+ \(value 0 of 144\)/,
    );
  });
});
