import { classifierFor } from '../classifier.js';
import { EngineFailure } from '../failure.js';
import { pipelineFor } from '../model-cache.js';
import type { Task } from './task.js';

/** Draws the same images for every guidance weight (rows) and number of steps (columns), cell by cell. */
export const guidanceMap: Task<'guidanceMap'> = async (input, { report, signal }) => {
  const [pipeline, classify] = await Promise.all([pipelineFor(input), classifierFor(input)]);
  if (classify === undefined) throw new EngineFailure('model-missing', 'no classifier is served with this page');
  const { classes } = pipeline.model;
  const { labels, sampling } = input;
  for (const [column, samplingSteps] of input.stepCounts.entries()) {
    for (const [row, guidanceWeight] of input.guidanceWeights.entries()) {
      const options = { ...sampling, labels, guidanceWeight, samplingSteps };
      const { images } = await pipeline.generate(options, { signal });
      const probabilities = await classify(images);
      const confidences = labels.map((label, i) => probabilities[i * classes + label] ?? 0);
      report({ row, column, confidence: confidences.reduce((a, b) => a + b, 0) / labels.length, images });
    }
  }
  return null;
};
