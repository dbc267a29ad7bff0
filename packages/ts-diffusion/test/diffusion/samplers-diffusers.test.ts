import { describe, expect, it } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule, type NoiseScheduleName } from '../../src/diffusion/noise-schedule.js';
import { asX0, type PredictionType } from '../../src/diffusion/prediction.js';
import { reverseProcess, type SamplerOptions } from '../../src/diffusion/reverse-process.js';
import { samplers, type SamplerName } from '../../src/diffusion/samplers/index.js';
import golden from '../golden/samplers.json' with { type: 'json' };
import { allStates } from './sampling.js';

const PIXELS = 6;

/** Hands out the given values, PIXELS at a time. */
function inTurn(values: readonly number[]): () => Float32Array {
  let next = 0;
  return () => Float32Array.from(values.slice(PIXELS * next, PIXELS * ++next));
}

describe(`the same model outputs and noise as the schedulers of ${golden.origin.versions}`, () => {
  it.each(golden.trajectories)(
    '$sampler $options, $schedule schedule, prediction $prediction: the same states',
    async ({ sampler, options, schedule: name, timesteps, visited, prediction, x, outputs, noises, states }) => {
      const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps);
      const output = inTurn(outputs.flat());
      const network = networkFrom(() => Promise.resolve(output()));
      const start = {
        x: { shape: [1, 1, 1, PIXELS] as const, data: Float32Array.from(x) },
        labels: Int32Array.of(0),
        noise: { next: inTurn(noises.flat()) },
      };
      const denoiser = asX0(network, prediction as PredictionType, schedule);
      const run = reverseProcess(samplers[sampler as SamplerName], denoiser, schedule, start, {
        ...(options as SamplerOptions),
        timesteps: visited,
      });
      const found = (await allStates(run)).slice(1).flatMap((state) => [...state.x]);
      // Float32 states, of magnitude up to 100 early on where x0 follows from a random prediction of the noise.
      expect(found).toBeCloseToTensor(states.flat(), { rtol: 2e-6, atol: 2e-5 });
    },
  );
});
