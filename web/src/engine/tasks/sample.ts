import { toBytes } from '../../../../src/utils/pixel-range.js';
import { classifierFor } from '../classifier.js';
import { pipelineFor } from '../model-cache.js';
import type { Task } from './task.js';

/** All images asked for are drawn together, so that they can be shown together. */
const BATCH = 256;

/** Draws images, reporting every moment on the way with what the classifier makes of it. */
export const sample: Task<'sample'> = async (input, { report, signal }) => {
  const [pipeline, classify] = await Promise.all([pipelineFor(input), classifierFor(input)]);
  signal.throwIfAborted();
  const begin = performance.now();
  const { labels, omega, seed, sampler, steps: samplingSteps, spacing } = input;
  const options = { labels, omega, seed, sampler, samplingSteps, spacing, batchSize: BATCH };
  for await (const state of pipeline.sample(options)) {
    signal.throwIfAborted();
    const { step, steps, timestep } = state;
    const [x, predictedX0] = [toBytes(state.x), toBytes(state.predictedX0)];
    const probabilities = await classify?.(predictedX0);
    report({ step, steps, timestep, x, predictedX0, ...(probabilities === undefined ? {} : { probabilities }) });
  }
  return { milliseconds: performance.now() - begin };
};
