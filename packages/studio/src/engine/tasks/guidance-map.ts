import type { Task } from './task.js';

/** Draws the same images for every guidance weight (rows) and number of steps (columns), cell by cell. */
export const guidanceMap: Task<'guidanceMap'> = async (settings, { pipeline, classify, report, signal }) => {
  const { classes } = pipeline.info.model;
  const { labels, sampling } = settings;
  for (const [column, samplingSteps] of settings.stepCounts.entries()) {
    for (const [row, guidanceWeight] of settings.guidanceWeights.entries()) {
      const options = { ...sampling, labels, guidanceWeight, samplingSteps };
      const { images } = await pipeline.generate(options, { signal });
      const probabilities = await classify?.(images, signal);
      const confidence =
        probabilities && labels.reduce((sum, label, i) => sum + (probabilities[i * classes + label] ?? 0), 0);
      report({ row, column, images, ...(confidence !== undefined && { confidence: confidence / labels.length }) });
    }
  }
  return null;
};
