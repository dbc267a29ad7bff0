import { describe, expect, it } from 'vitest';
import { createNoiseSchedule, noiseScheduleNames } from '../../src/diffusion/noise-schedule.js';
import type { Sampler } from '../../src/diffusion/samplers/index.js';
import { evenlySpacedTimesteps } from '../../src/diffusion/timesteps.js';
import { gaussianDenoiser } from './gaussian-denoiser.js';
import { allStates, moments, sample, sampleImages } from './sampling.js';

const data = [
  { mean: 0.3, deviation: 0.5 },
  { mean: 0.4, deviation: 0.2 },
  { mean: -0.2, deviation: 1 },
];

/** What every sampler must do, whatever its algorithm. */
export function samplerContract(name: string, sampler: Sampler): void {
  describe(`sampler ${name}`, () => {
    const schedule = createNoiseSchedule('cosine', 40);
    const denoiser = gaussianDenoiser(schedule, data);
    const labels = [0, 1, 2, 0, 1];
    const small = { sampler, denoiser, schedule, labels, height: 3, width: 4 };

    describe.each([40, 7, 1])('visiting %i of 40 timesteps', (count) => {
      const options = { timesteps: evenlySpacedTimesteps(40, count) };

      it('yields the starting noise, every intermediate state and the finished images', async () => {
        const states = await allStates(sample({ ...small, options }));
        expect(states.map((state) => state.timestep)).toEqual([...options.timesteps, 0]);
        expect(states.map((state) => state.step)).toEqual(Array.from({ length: count + 1 }, (_, i) => i));
        expect(new Set(states.map((state) => state.steps))).toEqual(new Set([count]));
        expect(states.at(-1)?.predictedX0).toEqual(states.at(-1)?.x);
      });

      it('predicts E[x0 | xt] at every state (closed form for Gaussian data)', async () => {
        for (const { timestep, x, predictedX0 } of await allStates(sample({ ...small, options }))) {
          if (timestep === 0) continue;
          const kept = schedule.alphasCumprod[timestep - 1] ?? NaN;
          const expected = Array.from(x, (value, i) => {
            const { mean, deviation } = data[labels[Math.floor(i / 12)] ?? NaN] ?? { mean: NaN, deviation: NaN };
            const gain = (Math.sqrt(kept) * deviation ** 2) / (kept * deviation ** 2 + 1 - kept);
            return mean + gain * (value - Math.sqrt(kept) * mean);
          });
          // Rounding of a float32 ε is divided by √ᾱ.
          expect(predictedX0).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-6 / Math.sqrt(kept) });
        }
      });

      it('repeats itself to the bit', async () => {
        expect(await allStates(sample({ ...small, options }))).toEqual(await allStates(sample({ ...small, options })));
      });

      it('makes another image of another seed', async () => {
        expect(await sampleImages({ ...small, options, seed: 1 })).not.toEqual(
          await sampleImages({ ...small, options, seed: 2 }),
        );
      });

      it('makes image i of seed s alike alone and in a batch', async () => {
        const together = await sampleImages({ ...small, options });
        for (const [i, label] of labels.entries()) {
          const alone = await sampleImages({ ...small, options, firstIndex: i, labels: [label] });
          expect(alone).toEqual(together.slice(i * 12, (i + 1) * 12));
        }
      });
    });

    it('keeps every predicted x0 within [-1, 1] where clipX0 asks for it', async () => {
      const run = { ...small, seed: 4 };
      const beyond = (values: Float32Array) => values.some((value) => Math.abs(value) > 1);
      const clipped = await allStates(sample({ ...run, options: { clipX0: true } }));
      const free = await allStates(sample(run));
      expect(clipped.slice(0, -1).some(({ predictedX0 }) => beyond(predictedX0))).toBe(false);
      expect(free.slice(0, -1).some(({ predictedX0 }) => beyond(predictedX0))).toBe(true);
    });

    it('leaves the states it has yielded, and the starting noise, untouched', async () => {
      const copies: Float32Array[] = [];
      const states = [];
      for await (const state of sample(small)) {
        states.push(state);
        copies.push(state.x.slice(), state.predictedX0.slice());
      }
      expect(states.flatMap(({ x, predictedX0 }) => [x, predictedX0])).toEqual(copies);
    });

    it.each(noiseScheduleNames)(
      'turns noise into the data distribution: %s schedule, T = 1000',
      async (scheduleName) => {
        const thousand = createNoiseSchedule(scheduleName, 1000);
        const pixels = 64 * 64;
        const images = await sampleImages({
          sampler,
          denoiser: gaussianDenoiser(thousand, data),
          schedule: thousand,
          labels: [0, 1, 2],
          height: 64,
          width: 64,
        });
        data.forEach(({ mean, deviation }, i) => {
          const found = moments(images.subarray(i * pixels, (i + 1) * pixels));
          // Statistical error (4 standard errors), and 4 % of the variance for the steps' finite size.
          expect(Math.abs(found.mean - mean)).toBeLessThan((4 * deviation) / Math.sqrt(pixels) + 1e-3);
          expect(Math.abs(found.variance / deviation ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / pixels) + 0.04);
        });
      },
    );

    it.each([[[]], [[41]], [[5, 5]], [[3, 4]], [[2, 0]], [[2.5]]])('refuses the timesteps %j', async (timesteps) => {
      await expect(sampleImages({ ...small, options: { timesteps } })).rejects.toThrow(/[Ss]ampling timesteps/);
    });

    it('refuses labels that are not one per image', async () => {
      const start = {
        x: { shape: [2, 1, 1, 1] as const, data: new Float32Array(2) },
        labels: new Int32Array(3),
        noise: { next: () => new Float32Array(2) },
      };
      await expect(allStates(sampler(denoiser, schedule, start))).rejects.toThrow(
        'Sampling images of shape [2, 1, 1, 1] needs 2 values of noise and 2 labels, got 2 and 3.',
      );
    });

    it('stops at a prediction that is not finite or has the wrong size', async () => {
      const broken = (values: Float32Array) => sampleImages({ ...small, denoiser: () => Promise.resolve(values) });
      await expect(broken(new Float32Array(60).fill(NaN, 7))).rejects.toThrow(
        'The denoiser predicted NaN at timestep 40 (value 7 of 60)',
      );
      await expect(broken(new Float32Array(12))).rejects.toThrow(
        'The denoiser returned 12 values for a batch of 60 at timestep 40; they must be as many.',
      );
    });
  });
}
