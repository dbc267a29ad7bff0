import type { GeneratedImages } from 'ts-diffusion';
import type { WorkerRunOptions } from 'ts-diffusion/worker';
import type { Drawn, Frame } from '../tasks.js';
import { frameOf } from './frame.js';
import type { Task, TaskContext } from './task.js';

/** Turns one seed's digit into another's. */
export const interpolate: Task<'interpolate'> = async (settings, context) => {
  const { pipeline } = context;
  const { from, to, frames, sampling } = settings;
  const end = ({ label, seed }: typeof from) => ({ label, noise: pipeline.initialNoise(seed, 0) });
  const options = { ...sampling, from: end(from), to: end(to), frames };
  return await drawn(context, await pipeline.interpolate(options, watch(context)));
};

/** Twice over each stretch of five steps, so that what is drawn settles with what is there. */
const RESAMPLING = { jump: 5, times: 2 };

/** Draws what is under the mask so that it fits the rest. */
export const inpaint: Task<'inpaint'> = async ({ sampling, ...settings }, context) => {
  const options = { ...sampling, ...settings, resampling: RESAMPLING };
  return await drawn(context, await context.pipeline.inpaint(options, watch(context)));
};

/** Draws images again from a noised version of themselves. */
export const edit: Task<'edit'> = async ({ sampling, ...settings }, context) => {
  return await drawn(context, await context.pipeline.edit({ ...sampling, ...settings }, watch(context)));
};

type Context = Pick<TaskContext<'edit'>, 'classify' | 'signal'>;

function watch({ report, signal }: Pick<Context, 'signal'> & { report: (frame: Frame) => void }): WorkerRunOptions {
  return {
    signal,
    onState: (state) => {
      report(frameOf(state));
    },
  };
}

async function drawn({ classify, signal }: Context, { images, labels }: GeneratedImages): Promise<Drawn> {
  const probabilities = await classify?.(images, signal);
  return { images, labels: [...labels], ...(probabilities === undefined ? {} : { probabilities }) };
}
