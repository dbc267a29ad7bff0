import { LARGEST_BATCH } from 'ts-diffusion/diffusion';
import { toBytes } from 'ts-diffusion/images';
import { classifierFor } from '../classifier.js';
import { pipelineFor } from '../model-cache.js';
import type { Task } from './task.js';

/** Draws images, reporting every moment on the way with what the classifier makes of it. */
export const sample: Task<'sample'> = async (input, { report, signal }) => {
  const [pipeline, classify] = await Promise.all([pipelineFor(input), classifierFor(input)]);
  signal.throwIfAborted();
  const begin = performance.now();
  // All images asked for are drawn together, so that they can be shown together.
  const options = { ...input.sampling, labels: input.labels, batchSize: LARGEST_BATCH };
  for await (const state of pipeline.sample(options, { signal })) {
    const { step, steps, timestep } = state;
    const [x, predictedX0] = [toBytes(state.x), toBytes(state.predictedX0)];
    const probabilities = await classify?.(predictedX0);
    report({ step, steps, timestep, x, predictedX0, ...(probabilities === undefined ? {} : { probabilities }) });
  }
  return { milliseconds: performance.now() - begin };
};
