import { type ResolvedSampling } from 'ts-diffusion';
import {
  denoiserFrom,
  guidanceTimesteps,
  NoiseSource,
  type NoiseSchedule,
  reverseProcess,
  withGuidance,
} from 'ts-diffusion/diffusion';

/** Evaluations of the network for one image, counted in a run of the sampler over one pixel; guidance takes two at a time. */
export async function countEvaluations(schedule: NoiseSchedule, sampling: ResolvedSampling): Promise<number> {
  const { sampler, own, timesteps, guidanceWeight, guidanceInterval } = sampling;
  let evaluations = 0;
  const counting = denoiserFrom((x) => {
    evaluations += x.shape[0];
    return Promise.resolve(new Float32Array(x.data.length));
  });
  const interval = guidanceInterval && guidanceTimesteps(schedule, guidanceInterval);
  const denoiser = withGuidance(counting, guidanceWeight, interval && { interval });
  const start = {
    x: { shape: [1, 1, 1, 1] as const, data: new Float32Array(1) },
    labels: new Int32Array(1),
    noise: new NoiseSource(0, 0, 1, 1),
  };
  const states = reverseProcess(sampler, denoiser, schedule, start, { ...own, timesteps });
  while ((await states.next()).done !== true);
  return evaluations;
}
