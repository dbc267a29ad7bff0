import { toBytes } from '../../../../src/utils/image-grid.js';
import { nextTurn } from '../../../../src/utils/next-turn.js';
import { classifierFor } from '../classifier.js';
import { pipelineFor } from '../model-cache.js';
import type { Task } from './task.js';

/** Draws images, reporting every moment on the way. */
export const sample: Task<'sample'> = async (input, { report, signal }) => {
  const pipeline = await pipelineFor(input);
  const classify = await classifierFor(input);
  const begin = performance.now();
  const options = { labels: input.labels, omega: input.omega, seed: input.seed, sampler: input.sampler };
  for await (const state of pipeline.sample({ ...options, samplingSteps: input.steps, batchSize: LARGEST_BATCH })) {
    signal.throwIfAborted();
    const { step, steps, timestep } = state;
    const probabilities = await classify?.(state.predictedX0);
    report({
      step,
      steps,
      timestep,
      x: toBytes(state.x),
      predictedX0: toBytes(state.predictedX0),
      ...(probabilities === undefined ? {} : { probabilities }),
    });
    await nextTurn();
  }
  return { milliseconds: performance.now() - begin };
};

/** All images asked for are drawn together, so that they can be shown together. */
const LARGEST_BATCH = 256;
