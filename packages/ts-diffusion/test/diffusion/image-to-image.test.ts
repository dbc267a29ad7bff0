import { expect, it } from 'vitest';
import { startFromImages } from '../../src/diffusion/image-to-image.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { ddim } from '../../src/diffusion/samplers/ddim.js';
import { evenlySpacedTimesteps } from '../../src/diffusion/timesteps.js';
import { exactMoments, mixtureDenoiser, type Mixture } from './mixture.js';
import { allStates } from './sampling.js';
import { RandomStream } from '../../src/utils/random.js';

const schedule = createNoiseSchedule('cosine', 100);
const timesteps = evenlySpacedTimesteps(100, 100);
const noise = Float32Array.of(0.5, -1, 2);
const images = Float32Array.of(-1, 0, 1);

it('starts from the images noised to strength · T (equation 4)', () => {
  const { x, timesteps: left } = startFromImages(schedule, images, timesteps, 0.3, noise);
  expect([left[0], left.length]).toEqual([30, 30]);
  const kept = schedule.alphasCumprod[29] ?? NaN;
  const expected = images.map((value, i) => Math.sqrt(kept) * value + Math.sqrt(1 - kept) * (noise[i] ?? NaN));
  expect(x).toBeCloseToTensor(expected, { rtol: 1e-6 });
});

it('with strength 1 the whole run is left', () => {
  expect(startFromImages(schedule, images, timesteps, 1, noise).timesteps).toEqual(timesteps);
});

it.each([0, -1, 1.01, NaN])('refuses strength %d', (strength) => {
  expect(() => startFromImages(schedule, images, timesteps, strength, noise)).toThrow(
    `The strength of an edit must be a number above 0 and at most 1, got ${strength}.`,
  );
});

it('refuses a strength below the last timestep', () => {
  expect(() => startFromImages(schedule, images, [100, 50], 0.4, noise)).toThrow(
    'Strength 0.4 skips all 2 timesteps; the last one is 50 of T = 100.',
  );
});

it('moves images of another distribution to that of the model, the more the stronger', async () => {
  const target: Mixture = [{ weight: 1, mean: 0.5, deviation: 0.2 }];
  const foreign = new Float32Array(2000).fill(-0.5);
  const normals = new Float32Array(2000);
  new RandomStream(3).fillNormal(normals);
  const distances = [];
  for (const strength of [0.1, 0.5, 0.9]) {
    const { x, timesteps: left } = startFromImages(schedule, foreign, timesteps, strength, normals);
    const start = {
      x: { shape: [1, 1, 1, 2000] as const, data: x },
      labels: Int32Array.of(0),
      noise: { next: () => new Float32Array() },
    };
    const states = await allStates(
      reverseProcess(ddim, mixtureDenoiser(schedule, [target]), schedule, start, { timesteps: left }),
    );
    const mean = (states.at(-1)?.x.reduce((a, b) => a + b) ?? NaN) / 2000;
    distances.push(exactMoments(target, 1).mean - mean);
  }
  // The flow of Gaussian data is linear: (mean - 0.5) shrinks by deviation / √(deviation² + 1/snr).
  const expected = [10, 50, 90].map((t) => {
    const kept = schedule.alphasCumprod[t - 1] ?? NaN;
    return (Math.sqrt(kept) * 0.2) / Math.sqrt(kept * 0.04 + 1 - kept);
  });
  expect(distances).toBeCloseToTensor(expected, { atol: 0.04 });
});
