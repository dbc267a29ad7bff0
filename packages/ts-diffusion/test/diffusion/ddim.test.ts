import { describe, expect, it } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { reverseTransition } from '../../src/diffusion/reverse-transition.js';
import { ddim } from '../../src/diffusion/samplers/ddim.js';
import { ddpm } from '../../src/diffusion/samplers/ddpm.js';
import { mixtureDenoiser, type Mixture } from './mixture.js';
import { sampleImages } from './sampling.js';

const x = Float32Array.of(0.3, -1.7, 2.2);
const predictedX0 = Float32Array.of(-0.9, 0.1, 1);
const z = Float32Array.of(1.1, -0.4, 0.2);

describe('ddim with eta 1', () => {
  // diffusers' DDIMScheduler.step: √ᾱ_s · x_0 + √(1 - ᾱ_s - σ²) · ε + σ · z, σ² = (1 - ᾱ_s) / (1 - ᾱ_t) · (1 - ᾱ_t / ᾱ_s), equations 12
  // and 16 of Song et al. 2021. ᾱ_t = 0 makes σ² = 1 - ᾱ_s.
  it.each(['linear', 'cosine', 'sigmoid'] as const)(
    'from nothing but noise to any timestep: √ᾱ_s · x_0 + √(1 - ᾱ_s) · z, %s schedule with zero terminal SNR',
    async (name) => {
      const schedule = createNoiseSchedule(name, 1000, { zeroTerminalSnr: true });
      const step = ddim.step({ eta: 1, noiseFrom: 'clipped' });
      for (let s = 1; s < 1000; s++) {
        const transition = reverseTransition(schedule, 1000, s);
        const denoise = () => Promise.reject(new Error('one evaluation is enough'));
        const found = await step({ transition, x, predictedX0, unclippedX0: predictedX0, noise: () => z, denoise });
        const alphaCumprod = schedule.alphasCumprod[s - 1] ?? NaN;
        const expected = z.map(
          (value, i) => Math.sqrt(alphaCumprod) * (predictedX0[i] ?? NaN) + Math.sqrt(1 - alphaCumprod) * value,
        );
        expect(found).toBeCloseToTensor(expected, { rtol: 1e-6, atol: 1e-6 });
      }
    },
  );

  it.each([
    ['linear', {}],
    ['cosine', {}],
    ['cosine', { zeroTerminalSnr: true }],
  ] as const)('draws what ddpm draws (Song et al. 2021, section 4.1): %s schedule %j', async (name, changes) => {
    const schedule = createNoiseSchedule(name, 200, changes);
    const data: Mixture = [{ weight: 1, mean: 0.3, deviation: 0.5 }];
    const run = { denoiser: mixtureDenoiser(schedule, [data]), schedule, labels: [0, 0], height: 4, width: 4 };
    for (const timesteps of [undefined, [200, 150, 20, 1], [200, 1]]) {
      const asDdpm = await sampleImages({ ...run, sampler: ddpm, options: { timesteps } });
      const images = await sampleImages({ ...run, sampler: ddim, options: { timesteps, eta: 1 } });
      expect(images).toBeCloseToTensor(asDdpm, { rtol: 1e-5, atol: 1e-5 });
    }
  });
});
