import { classify, type Classification } from '../../classifier/classification.js';
import { featureConditions, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: share of images in which the feature network sees the label that they were made for. */
export const LABEL_METRIC = 'Label accuracy';

/** How often the feature network sees in a sample the label it was made for; the floor is of the reference. */
export async function scoreLabels(
  scoring: Scoring,
  labels: Int32Array,
): Promise<Scored & { classification: Classification }> {
  const { samples, reference } = scoring;
  const { classes } = samples.networks.features.network;
  const classification = classify(await samples.probabilities(), labels, classes);
  const ofReference =
    reference.images.labels && classify(await reference.probabilities(), reference.images.labels, classes).accuracy;
  const { count } = classification;
  return {
    classification,
    scores: [
      {
        metric: LABEL_METRIC,
        value: classification.accuracy,
        standardDeviation: Math.sqrt((classification.accuracy * (1 - classification.accuracy)) / count),
        ...(ofReference === null ? {} : { floor: ofReference }),
        better: 'higher',
        conditions: { ...featureConditions(scoring, {}), reference: null },
      },
    ],
    warnings: [],
  };
}
