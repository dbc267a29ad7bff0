import { describe, expect, it } from 'vitest';
import { createNoiseSchedule, type NoiseScheduleName } from '../../src/diffusion/noise-schedule.js';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { ddpm } from '../../src/diffusion/samplers/ddpm.js';
import golden from '../golden/diffusion.json' with { type: 'json' };
import { asX0 } from '../../src/diffusion/prediction.js';
import { gaussian, mixtureDenoiser } from './mixture.js';
import { allStates, moments, sampleImages } from './sampling.js';

describe('one step of Algorithm 2', () => {
  it.each(golden.steps)(
    `equals DDPMScheduler.step of ${golden.origin.versions}: $schedule T = $timesteps, $t -> $previous, clipX0 $clipX0`,
    async (step) => {
      const schedule = createNoiseSchedule(step.schedule as NoiseScheduleName, step.timesteps);
      const [before, after] = await allStates(
        reverseProcess(
          ddpm,
          asX0(
            networkFrom(() => Promise.resolve(Float32Array.from(step.epsilon))),
            'epsilon',
            schedule,
          ),
          schedule,
          {
            x: { shape: [1, 1, 1, step.x.length], data: Float32Array.from(step.x) },
            labels: Int32Array.of(0),
            noise: { next: () => Float32Array.from(step.noise) },
          },
          { timesteps: step.previous === 0 ? [step.t] : [step.t, step.previous], clipX0: step.clipX0 },
        ),
      );
      // Predictions of x0 divide the rounding of x and ε by √ᾱ_t.
      expect(before?.predictedX0).toBeCloseToTensor(step.predictedX0, { rtol: 1e-5, atol: 1e-5 });
      // The ε that a clipped x0 implies is rounded to float32, and 1 / √α_t is 100 in the last step of the cosine schedule.
      expect(after?.x).toBeCloseToTensor(step.next, { rtol: 2e-6, atol: step.clipX0 ? 2e-5 : 2e-6 });
      expect(after?.timestep).toBe(step.previous);
    },
  );
});

describe('DDPM sampling of Gaussian data with the exact denoiser', () => {
  it.each(golden.gaussianMoments)(
    'has the moments of the exact affine recursion: $schedule T = $timesteps, data $data',
    async ({ schedule: name, timesteps, data, samples }) => {
      const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps);
      const pixels = 6400;
      const images = await sampleImages({
        sampler: ddpm,
        denoiser: mixtureDenoiser(schedule, [gaussian(data.mean, data.deviation)]),
        schedule,
        seed: 9,
        labels: [0],
        height: 80,
        width: 80,
      });
      const found = moments(images);
      expect(Math.abs(found.mean - samples.mean)).toBeLessThan(4 * Math.sqrt(samples.variance / pixels));
      expect(Math.abs(found.variance / samples.variance - 1)).toBeLessThan(4 * Math.sqrt(2 / pixels));
    },
  );
});
