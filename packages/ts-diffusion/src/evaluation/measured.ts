import type { FeatureStatistics } from './feature-statistics.js';

/** What networks say of images, from which `ImageScorer` computes scores without asking them again. */
export interface Measurements {
  /** SHA-256 of the networks' weights. */
  readonly networks: { readonly evaluator: string; readonly features: string; readonly secondFeatures: string };
  /** The last hidden layer of the feature network [N, features]. */
  readonly features: Float32Array;
  /** p(y|x) by the feature network [N, classes]. */
  readonly probabilities: Float32Array;
  /** p(y|x) by the evaluator [N, classes]; null over a feature network of quarter turns, which has no Inception score. */
  readonly evaluated: Float32Array | null;
  /** Mean and covariance of the features of which no score needs more, by their kind. */
  readonly moments: ReadonlyMap<string, FeatureStatistics>;
}
