import { describe, expect, it } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule, type NoiseScheduleName } from '../../src/diffusion/noise-schedule.js';
import { asX0, type PredictionType } from '../../src/diffusion/prediction.js';
import { reverseProcess, type SamplerOptions, type SamplerState } from '../../src/diffusion/reverse-process.js';
import { reverseTransition } from '../../src/diffusion/reverse-transition.js';
import { samplers, type SamplerName } from '../../src/diffusion/samplers/index.js';
import golden from '../golden/samplers.json' with { type: 'json' };
import { allStates } from './sampling.js';

const PIXELS = 6;

/** Hands out the given values, PIXELS at a time. */
function inTurn(values: readonly number[]): () => Float32Array {
  let next = 0;
  return () => Float32Array.from(values.slice(PIXELS * next, PIXELS * ++next));
}

type Trajectory = (typeof golden.trajectories)[number];

/** The states after the first of a trajectory whose network and noise give these values in turn, from its state number `from` on. */
async function run(trajectory: Trajectory, from = 0, outputsBefore = from): Promise<SamplerState[]> {
  const { sampler, options, schedule: name, timesteps, visited, prediction, x, outputs, noises, states } = trajectory;
  const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps);
  const output = inTurn(outputs.slice(outputsBefore).flat());
  const network = networkFrom(() => Promise.resolve(output()));
  const data = Float32Array.from(from === 0 ? x : (states[from - 1] ?? []));
  const start = {
    x: { shape: [1, 1, 1, PIXELS] as const, data },
    labels: Int32Array.of(0),
    noise: { next: inTurn(noises.slice(from).flat()) },
  };
  const denoiser = asX0(network, prediction as PredictionType, schedule);
  const all = reverseProcess(samplers[sampler as SamplerName], denoiser, schedule, start, {
    ...(options as SamplerOptions),
    timesteps: visited.slice(from),
  });
  return (await allStates(all)).slice(1);
}

/** Whether Heun's first step is one from what is as good as infinite noise, where diffusers takes two slopes all the same. */
const beginsSingular = ({ sampler, schedule: name, timesteps, visited }: Trajectory): boolean => {
  const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps);
  return sampler === 'heun' && reverseTransition(schedule, visited[0] ?? NaN, visited[1] ?? NaN).singular;
};

// Float32 states, of magnitude up to 100 early on where x0 follows from a random prediction of the noise.
const tolerance = { rtol: 2e-6, atol: 2e-5 };

describe(`the same model outputs and noise as the schedulers of ${golden.origin.versions}`, () => {
  it.each(golden.trajectories.filter((trajectory) => !beginsSingular(trajectory)))(
    '$sampler $options, $schedule schedule, prediction $prediction: the same states',
    async (trajectory) => {
      const found = (await run(trajectory)).flatMap(({ x }) => [...x]);
      expect(found).toBeCloseToTensor(trajectory.states.flat(), tolerance);
    },
  );

  const singular = golden.trajectories.filter(beginsSingular);

  it('one of them begins where the cosine schedule leaves next to nothing of the image: heun, prediction v', () => {
    expect(singular.map(({ schedule, prediction }) => [schedule, prediction])).toEqual([['cosine', 'v']]);
  });

  it.each(singular)(
    '$sampler, $schedule schedule, prediction $prediction: the same states after the first step',
    async (trajectory) => {
      // The first step of two slopes took two outputs.
      const found = (await run(trajectory, 1, 2)).flatMap(({ x }) => [...x]);
      expect(found).toBeCloseToTensor(trajectory.states.slice(1).flat(), tolerance);
    },
  );

  it.each(singular)(
    "$sampler, $schedule schedule, prediction $prediction: the first step is Euler's, x_s = √ᾱ_s · x_0 + √(1 - ᾱ_s) · ε",
    async (trajectory) => {
      const { visited, x, outputs } = trajectory;
      const { alphasCumprod } = createNoiseSchedule(trajectory.schedule as NoiseScheduleName, trajectory.timesteps);
      const [atStart = NaN, atEnd = NaN] = visited.slice(0, 2).map((t) => alphasCumprod[t - 1]);
      const expected = x.map((value, i) => {
        const v = outputs[0]?.[i] ?? NaN;
        const x0 = Math.sqrt(atStart) * value - Math.sqrt(1 - atStart) * v;
        const epsilon = Math.sqrt(1 - atStart) * value + Math.sqrt(atStart) * v;
        return Math.sqrt(atEnd) * x0 + Math.sqrt(1 - atEnd) * epsilon;
      });
      const [first] = await run(trajectory);
      expect(first?.x).toBeCloseToTensor(expected, tolerance);
    },
  );
});
