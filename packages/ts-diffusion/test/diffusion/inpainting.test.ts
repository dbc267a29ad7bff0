import { describe, expect, it } from 'vitest';
import { denoiserFrom, type Denoiser } from '../../src/diffusion/denoiser.js';
import { withKnownPixels } from '../../src/diffusion/inpainting.js';
import { createNoiseSchedule, type NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import type { SamplerOptions } from '../../src/diffusion/reverse-process.js';
import { samplerNames, samplers } from '../../src/diffusion/samplers/index.js';
import { spacedTimesteps } from '../../src/diffusion/timestep-spacing.js';
import { allStates, sample } from './sampling.js';

/** Images of two pixels, jointly Gaussian with mean 0, variance 1/4 and correlation 0.8. */
const VARIANCE = 0.25;
const CORRELATION = 0.8;

/** The exact denoiser of such images: in the sum and the difference of both pixels it acts on each alone. */
function pairDenoiser(schedule: NoiseSchedule): Denoiser {
  return denoiserFrom((x, timesteps) => {
    const kept = schedule.alphasCumprod[(timesteps[0] ?? NaN) - 1] ?? NaN;
    const gain = (variance: number) => (Math.sqrt(kept) * variance) / (kept * variance + 1 - kept);
    const [ofSum, ofDifference] = [gain(VARIANCE * (1 + CORRELATION)), gain(VARIANCE * (1 - CORRELATION))];
    return Promise.resolve(
      x.data.map((value, i) => {
        const other = x.data[i ^ 1] ?? NaN;
        return (ofSum * (value + other) + ofDifference * (value - other)) / 2;
      }),
    );
  });
}

const schedule = createNoiseSchedule('cosine', 200);
const KNOWN = 0.6;
const images = 3000;
const known = Float32Array.from({ length: 2 * images }, (_, i) => (i % 2 === 0 ? KNOWN : 99));
const draw = Uint8Array.from({ length: 2 * images }, (_, i) => i % 2);
const denoiser = withKnownPixels(pairDenoiser(schedule), known, draw);

const states = (sampler: keyof typeof samplers, options: SamplerOptions) =>
  allStates(
    sample({
      sampler: samplers[sampler],
      denoiser,
      schedule,
      labels: Array<number>(images).fill(0),
      height: 1,
      width: 2,
      options: { timesteps: spacedTimesteps(schedule, 40, 'even'), ...options },
    }),
  );

/** Mean of the drawn pixel over all images. */
function drawnMean(x: Float32Array = new Float32Array()): number {
  return x.reduce((sum, value, i) => sum + (i % 2 === 1 ? value : 0), 0) / images;
}

describe('inpainting', () => {
  it.each(samplerNames)('%s: the known pixels end exactly at their values', async (sampler) => {
    const x = (await states(sampler, { timesteps: [200, 120, 60, 1] })).at(-1)?.x ?? new Float32Array();
    expect(x.every((value, i) => i % 2 === 1 || value === Math.fround(KNOWN))).toBe(true);
  });

  it('keeps the known pixels on the forward process to their values', async () => {
    for (const { timestep, x } of await states('ddpm', {})) {
      if (timestep === 0) continue;
      const kept = schedule.alphasCumprod[timestep - 1] ?? NaN;
      const pixels = x.filter((_, i) => i % 2 === 0);
      const mean = pixels.reduce((a, b) => a + b) / images;
      const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / images;
      expect(Math.abs(mean - Math.sqrt(kept) * KNOWN)).toBeLessThan(4 * Math.sqrt((1 - kept) / images));
      expect(Math.abs(variance / (1 - kept) - 1)).toBeLessThan(4 * Math.sqrt(2 / images));
    }
  });

  it('draws the conditional mean the closer the more it is resampled', async () => {
    // E[second pixel | first] of the joint Gaussian
    const exact = CORRELATION * KNOWN;
    const errorOf = async (times: number) =>
      Math.abs(drawnMean((await states('ddpm', { resampling: { jump: 1, times } })).at(-1)?.x) - exact);
    expect(await errorOf(1)).toBeGreaterThan(0.15);
    expect(await errorOf(10)).toBeLessThan(0.05);
  });

  it('refuses a mask that does not fit', () => {
    expect(() => withKnownPixels(denoiser, known, draw.subarray(1))).toThrow('A mask of 5999 pixels does not fit');
  });
});
