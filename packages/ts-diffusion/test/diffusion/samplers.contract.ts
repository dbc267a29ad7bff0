import { describe, expect, it } from 'vitest';
import {
  createNoiseSchedule,
  type NoiseSchedule,
  type NoiseScheduleName,
  type NoiseScheduleOptions,
} from '../../src/diffusion/noise-schedule.js';
import { denoiserFrom, type Denoiser } from '../../src/diffusion/denoiser.js';
import { reverseProcess, type SamplerOptions } from '../../src/diffusion/reverse-process.js';
import type { OwnSamplerOptions, Sampler } from '../../src/diffusion/samplers/index.js';
import { ownOptions } from '../../src/diffusion/samplers/own-options.js';
import { addsNoise } from '../../src/diffusion/samplers/sampler.js';
import { CheckpointError } from '../../src/utils/errors.js';
import { spacedTimesteps } from '../../src/diffusion/timestep-spacing.js';
import { evenlySpacedTimesteps } from '../../src/diffusion/timesteps.js';
import { exactMoments, gaussian, mixtureDenoiser, posteriorMean, type Mixture } from './mixture.js';
import { flowError, observedOrder, varianceError } from './sampler-orders.js';
import { allStates, sample, sampleImages } from './sampling.js';

const data: readonly Mixture[] = [
  gaussian(0.3, 0.5),
  gaussian(0.4, 0.2),
  [
    { weight: 0.4, mean: -0.8, deviation: 0.3 },
    { weight: 0.6, mean: 0.5, deviation: 0.4 },
  ],
];

const schedules: readonly (readonly [NoiseScheduleName, NoiseScheduleOptions])[] = [
  ['linear', {}],
  ['cosine', {}],
  ['sigmoid', {}],
  ['cosine', { zeroTerminalSnr: true }],
  ['flow', {}],
];

/** The schedule with another ᾱ_T, and the exact denoiser of it. */
function endingIn(schedule: NoiseSchedule, alphaCumprod: number): { schedule: NoiseSchedule; denoiser: Denoiser } {
  const alphasCumprod = schedule.alphasCumprod.with(-1, alphaCumprod);
  const alphas = schedule.alphas.with(-1, alphaCumprod / (alphasCumprod.at(-2) ?? NaN));
  const betas = schedule.betas.with(-1, 1 - (alphas.at(-1) ?? NaN));
  const changed = { ...schedule, alphas, betas, alphasCumprod };
  return { schedule: changed, denoiser: mixtureDenoiser(changed, data) };
}

/** What every sampler must do, whatever its algorithm: its order and whether it draws noise are read from itself. */
export function samplerContract(name: string, sampler: Sampler, own: OwnSamplerOptions = {}): void {
  const { order } = sampler;
  const deterministic = !addsNoise(sampler, ownOptions(sampler, own));
  describe(`sampler ${name}`, () => {
    const schedule = createNoiseSchedule('cosine', 40);
    const denoiser = mixtureDenoiser(schedule, data);
    const labels = [0, 1, 2, 0, 1];
    const small = { sampler, denoiser, schedule, labels, height: 3, width: 4, options: own };

    describe.each([40, 7, 1])('visiting %i of 40 timesteps', (count) => {
      const options = { ...own, timesteps: evenlySpacedTimesteps(40, count) };

      it('yields the starting noise, every intermediate state and the finished images', async () => {
        const states = await allStates(sample({ ...small, options }));
        expect(states.map((state) => state.timestep)).toEqual([...options.timesteps, 0]);
        expect(states.map((state) => state.step)).toEqual(Array.from({ length: count + 1 }, (_, i) => i));
        expect(new Set(states.map((state) => state.steps))).toEqual(new Set([count]));
        expect(states.at(-1)?.predictedX0).toEqual(states.at(-1)?.x);
      });

      it('tells E[x0 | xt] at every state (closed form)', async () => {
        for (const { timestep, x, predictedX0 } of await allStates(sample({ ...small, options }))) {
          if (timestep === 0) continue;
          const kept = schedule.alphasCumprod[timestep - 1] ?? NaN;
          const expected = Array.from(x, (value, i) => {
            return posteriorMean(data[labels[Math.floor(i / 12)] ?? NaN] ?? [], kept)(value);
          });
          expect(predictedX0).toBeCloseToTensor(expected, { rtol: 1e-6 });
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

      it(`draws ${deterministic ? 'no noise' : 'noise in every step but the last'}`, async () => {
        let draws = 0;
        const noise = { next: () => new Float32Array(12).fill(draws++ % 2 === 0 ? 1 : -1) };
        const x = { shape: [1, 1, 3, 4] as const, data: new Float32Array(12).fill(0.7) };
        await allStates(reverseProcess(sampler, denoiser, schedule, { x, labels: Int32Array.of(0), noise }, options));
        expect(draws).toBe(deterministic ? 0 : count - 1);
      });
    });

    it(`converges with order ${order}, as measured against closed forms`, async () => {
      const steps = [32, 64, 128];
      const errors = [];
      for (const count of steps) {
        errors.push(await (deterministic ? flowError(sampler, count) : varianceError(sampler, count, own)));
      }
      expect(Math.abs(observedOrder(steps, errors) - order)).toBeLessThan(0.1);
    });

    it.each(schedules)(
      'turns noise into the data distribution: %s schedule %j, T = 1000',
      async (scheduleName, changes) => {
        const thousand = createNoiseSchedule(scheduleName, 1000, changes);
        const side = 48;
        const images = await sampleImages({
          sampler,
          denoiser: mixtureDenoiser(thousand, data),
          schedule: thousand,
          labels: [0, 1, 2],
          height: side,
          width: side,
          options: { ...own, timesteps: spacedTimesteps(thousand, order === 1 ? 200 : 40, 'log-snr') },
        });
        data.forEach((mixture, i) => {
          const found = images.subarray(i * side ** 2, (i + 1) * side ** 2);
          const exact = exactMoments(mixture, 1);
          const deviation = Math.sqrt(exact.square - exact.mean ** 2);
          const mean = found.reduce((a, b) => a + b) / found.length;
          const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length;
          // Statistical error (4 standard errors), and 5 % of the variance for the steps' finite size.
          expect(Math.abs(mean - exact.mean)).toBeLessThan((4 * deviation) / side + 2e-3);
          expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan((4 * Math.SQRT2) / side + 0.05);
        });
      },
    );

    it.each([1e-6, 1e-8, 1e-12, 1e-18, 1e-40, 1e-300])(
      'draws where %d of the variance is left at T as where nothing is',
      async (left) => {
        const images = async (alphaCumprod: number) =>
          sampleImages({
            ...small,
            ...endingIn(schedule, alphaCumprod),
            seed: 2,
            options: { ...own, timesteps: [40, 34, 25, 10] },
          });
        // What is left changes the first step by √left. A prediction of a step before last counts as far as that step was long, in λ.
        expect(await images(left)).toBeCloseToTensor(await images(0), {
          atol: order > 1 ? 0.06 : 2 * Math.sqrt(left) + 1e-6,
        });
      },
    );

    it('keeps every predicted x0 within [-1, 1] where that is asked for', async () => {
      const beyond = (values: Float32Array) => values.some((value) => Math.abs(value) > 1);
      const predictions = async (options: SamplerOptions) => {
        const states = await allStates(sample({ ...small, seed: 4, options: { ...own, ...options } }));
        return states.map(({ predictedX0 }) => predictedX0);
      };
      const free = await predictions({});
      const clipped = await predictions({ clipX0: true });
      const thresholded = await predictions({ dynamicThreshold: 1 });
      expect(free.some(beyond)).toBe(true);
      expect([clipped.some(beyond), thresholded.some(beyond)]).toEqual([false, false]);
      expect(clipped).not.toEqual(thresholded);
    });

    it('goes back and forth where resampling asks for it', async () => {
      const options = { ...own, timesteps: [40, 30, 20, 10], resampling: { jump: 2, times: 2 } };
      const states = await allStates(sample({ ...small, options }));
      expect(states.map(({ timestep }) => timestep)).toEqual([40, 30, 20, 10, 20, 10, 0]);
      expect(states.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(states.every(({ steps }) => steps === 6)).toBe(true);
    });

    it('goes back along the forward process (equation 2)', async () => {
      // With one constant prediction every sampler arrives at it, from where the way back is equation 4.
      const z = Float32Array.of(0.5, -1, 2);
      const start = {
        x: { shape: [1, 1, 1, 3] as const, data: z },
        labels: Int32Array.of(0),
        noise: { next: () => z },
      };
      const constant = denoiserFrom(() => Promise.resolve(new Float32Array(3).fill(0.3)));
      const options = { ...own, timesteps: [40, 10], resampling: { jump: 1, times: 2 } };
      const states = await allStates(reverseProcess(sampler, constant, schedule, start, options));
      expect(states.map(({ timestep }) => timestep)).toEqual([40, 10, 10, 0]);
      const kept = schedule.alphasCumprod[9] ?? NaN;
      const expected = z.map((value) => 0.3 * Math.sqrt(kept) + Math.sqrt(1 - kept) * value);
      expect(states[2]?.x).toBeCloseToTensor(expected, { rtol: 1e-6 });
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

    it.each([[[]], [[41]], [[5, 5]], [[3, 4]], [[2, 0]], [[2.5]]])('refuses the timesteps %j', async (timesteps) => {
      await expect(sampleImages({ ...small, options: { timesteps } })).rejects.toThrow(/[Ss]ampling timesteps/);
    });

    it('refuses labels that are not one per image', async () => {
      const start = {
        x: { shape: [2, 1, 1, 1] as const, data: new Float32Array(2) },
        labels: new Int32Array(3),
        noise: { next: () => new Float32Array(2) },
      };
      await expect(allStates(reverseProcess(sampler, denoiser, schedule, start))).rejects.toThrow(
        'Sampling images of shape [2, 1, 1, 1] needs 2 values of noise and 2 labels, got 2 and 3.',
      );
    });

    it('stops at a prediction that is not finite or has the wrong size', async () => {
      const broken = (values: Float32Array) =>
        sampleImages({ ...small, denoiser: denoiserFrom(() => Promise.resolve(values)) });
      const damaged = broken(new Float32Array(60).fill(NaN, 7));
      await expect(damaged).rejects.toThrow('The denoiser predicted NaN at timestep 40 (value 7 of 60)');
      await expect(damaged).rejects.toThrow(CheckpointError);
      await expect(broken(new Float32Array(12))).rejects.toThrow(
        'The denoiser returned 12 values for a batch of 60 at timestep 40; the two numbers must be equal.',
      );
    });
  });
}
