import { describe, expect, it } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { noisingFigure } from '../../src/diffusion/noising-figure.js';
import { evenlySpacedTimesteps } from '../../src/diffusion/timesteps.js';
import { RandomStream } from '../../src/utils/random.js';

describe('noisingFigure', () => {
  const schedules = [createNoiseSchedule('linear', 1000), createNoiseSchedule('cosine', 1000)];
  const x0 = Float32Array.from({ length: 784 }, (_, i) => ((i % 28) / 27) * 2 - 1);
  const noise = new Float32Array(784);
  new RandomStream(5).fillNormal(noise);
  const timesteps = evenlySpacedTimesteps(1000, 11, 0).reverse();
  const rows = noisingFigure(schedules, x0, noise, timesteps);

  it('has a row for each schedule and a picture for each timestep', () => {
    expect(rows.map((row) => [row.schedule, row.images.length])).toEqual([
      ['linear', 11],
      ['cosine', 11],
    ]);
  });

  it('goes from the clean image to the noise', () => {
    for (const { images } of rows) {
      expect(images[0]).toEqual(x0);
      // √ᾱ_T is 6e-3 (linear) and below 1e-3 (cosine); pixels of x_0 are at most 1.
      expect(images[10]).toBeCloseToTensor(noise, { rtol: 1e-3, atol: 7e-3 });
    }
  });

  it('holds in each picture the share of x_0 that its schedule leaves (least squares on x_0 and the noise)', () => {
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
    const determinant = dot(x0, x0) * dot(noise, noise) - dot(x0, noise) ** 2;
    rows.forEach(({ images }, r) => {
      timesteps.slice(1).forEach((t, c) => {
        const image = images[c + 1] ?? new Float32Array();
        const signal = (dot(image, x0) * dot(noise, noise) - dot(image, noise) * dot(x0, noise)) / determinant;
        expect([signal ** 2]).toBeCloseToTensor([schedules[r]?.alphasCumprod[t - 1] ?? NaN], {
          rtol: 1e-4,
          atol: 1e-8,
        });
      });
    });
  });

  it('refuses a timestep beyond T', () => {
    expect(() => noisingFigure(schedules, x0, noise, [1001])).toThrow(
      'A timestep must be an integer from 1 to T = 1000, got 1001.',
    );
  });
});
