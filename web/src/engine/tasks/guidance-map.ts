import { nextTurn } from '../../../../src/utils/next-turn.js';
import { classifierFor } from '../classifier.js';
import { EngineFailure } from '../failure.js';
import { pipelineFor } from '../model-cache.js';
import { toModelRange } from '../../../../src/data/batches.js';
import type { Task } from './task.js';

/** Draws the same images for every guidance weight (rows) and number of steps (columns), cell by cell. */
export const guidanceMap: Task<'guidanceMap'> = async (input, { report, signal }) => {
  const pipeline = await pipelineFor(input);
  const classify = await classifierFor(input);
  if (classify === undefined) throw new EngineFailure('model-missing', 'no classifier is shipped with this page');
  const { classes } = pipeline.model;
  const { labels, seed, sampler } = input;
  for (const [column, samplingSteps] of input.steps.entries()) {
    for (const [row, omega] of input.omegas.entries()) {
      const { images } = await pipeline.generate({ labels, omega, seed, sampler, samplingSteps }, () => {
        signal.throwIfAborted();
      });
      const probabilities = await classify(toModelRange(images));
      const confidences = labels.map((label, i) => probabilities[i * classes + label] ?? 0);
      const confidence = confidences.reduce((sum, each) => sum + each, 0) / labels.length;
      report({ row, column, confidence, images });
      await nextTurn();
    }
  }
  return null;
};
