import { EngineFailure } from '../failure.js';
import type { Task } from './task.js';

/** Draws the same images for every guidance weight (rows) and number of steps (columns), cell by cell. */
export const guidanceMap: Task<'guidanceMap'> = async (settings, { pipeline, classify, report, signal }) => {
  if (classify === undefined) {
    throw new EngineFailure(
      'refused',
      'The classifier needs ten digit classes in 28x28 grey pixels; this model generates other images.',
    );
  }
  const { classes } = pipeline.info.model;
  const { labels, sampling } = settings;
  for (const [column, samplingSteps] of settings.stepCounts.entries()) {
    for (const [row, guidanceWeight] of settings.guidanceWeights.entries()) {
      const options = { ...sampling, labels, guidanceWeight, samplingSteps };
      const { images } = await pipeline.generate(options, { signal });
      const probabilities = await classify(images, signal);
      const confidences = labels.map((label, i) => probabilities[i * classes + label] ?? 0);
      report({ row, column, confidence: confidences.reduce((a, b) => a + b, 0) / labels.length, images });
    }
  }
  return null;
};
