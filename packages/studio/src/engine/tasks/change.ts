import type { GeneratedImages, RunOptions } from 'ts-diffusion';
import { toBytes } from 'ts-diffusion/images';
import { classifierFor } from '../classifier.js';
import { pipelineFor } from '../model-cache.js';
import type { Drawn, Frame, Setup } from '../protocol.js';
import type { Task } from './task.js';

/** Turns one seed's digit into another's. */
export const interpolate: Task<'interpolate'> = async (input, context) => {
  const pipeline = await pipelineFor(input);
  const { from, to, frames, sampling } = input;
  const end = ({ label, seed }: typeof from) => ({ label, noise: pipeline.initialNoise(seed, 0) });
  const options = { ...sampling, from: end(from), to: end(to), frames };
  return drawn(input, await pipeline.interpolate(options, watch(context)));
};

/** Twice over each stretch of five steps, so that what is drawn settles with what is there. */
const RESAMPLING = { jump: 5, times: 2 };

/** Draws what is under the mask so that it fits the rest. */
export const inpaint: Task<'inpaint'> = async (input, context) => {
  const pipeline = await pipelineFor(input);
  const { images, labels, mask, sampling } = input;
  const options = { ...sampling, images, labels, mask, resampling: RESAMPLING };
  return drawn(input, await pipeline.inpaint(options, watch(context)));
};

/** Draws images again from a noised version of themselves. */
export const edit: Task<'edit'> = async (input, context) => {
  const pipeline = await pipelineFor(input);
  const { images, labels, strength, sampling } = input;
  return drawn(input, await pipeline.edit({ ...sampling, images, labels, strength }, watch(context)));
};

function watch({ report, signal }: { report: (frame: Frame) => void; signal: AbortSignal }): RunOptions {
  return {
    signal,
    onState: ({ step, steps, timestep, x, predictedX0 }) => {
      report({ step, steps, timestep, x: toBytes(x), predictedX0: toBytes(predictedX0) });
    },
  };
}

async function drawn(setup: Setup, { images, labels }: GeneratedImages): Promise<Drawn> {
  const probabilities = await (await classifierFor(setup))?.(images);
  return { images, labels: [...labels], ...(probabilities === undefined ? {} : { probabilities }) };
}
