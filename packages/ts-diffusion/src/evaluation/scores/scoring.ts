import { VALUE_RANGE } from '../../classifier/classifier-file.js';
import { scoringNetwork, type ClassifiedSet } from '../classified-set.js';
import type { EvaluationCache } from '../evaluation-cache.js';
import type { ProgressHook } from '../progress.js';
import type { Score } from '../receipt.js';
import type { ScoredImages } from '../scored-images.js';

/** What one metric is computed from. */
export interface Scoring {
  readonly samples: ClassifiedSet;
  /** The real images that samples are scored against. */
  readonly reference: ClassifiedSet;
  /** Real images that are not among the reference, as many as samples where there are that many: for the floor. */
  readonly real: ClassifiedSet;
  readonly cache: EvaluationCache;
  readonly seed: number;
  /** Told of the share of the work of this metric that is done. */
  readonly onProgress: ProgressHook;
}

/** What one metric found. */
export interface Scored {
  readonly scores: readonly Score[];
  readonly warnings: readonly string[];
}

export function identityOf({ sha256, count, height, width }: ScoredImages): Score['conditions']['reference'] {
  return { sha256, count, height, width };
}

/** The conditions of a score over the feature network. */
export function featureConditions(
  { samples, reference }: Pick<Scoring, 'samples' | 'reference'>,
  settings: Score['conditions']['settings'],
): Score['conditions'] {
  return {
    network: scoringNetwork(samples.networks.features),
    samples: samples.images.count,
    reference: identityOf(reference.images),
    valueRange: VALUE_RANGE,
    resize: 'none',
    settings,
  };
}

/** What a floor over the feature network depends on, for the cache. */
export function floorKey(metric: string, { reference, real }: Scoring, settings: object): object {
  const network = real.networks.features.sha256;
  return { metric, network, real: real.images.sha256, reference: reference.images.sha256, settings };
}

/** A warning where a floor is of another number of images than the score. */
export function otherCountWarnings(
  floor: string,
  score: string,
  { real, samples }: { readonly [set in 'real' | 'samples']: { readonly images: { readonly count: number } } },
): string[] {
  if (real.images.count === samples.images.count) return [];
  return [`${floor} is of ${real.images.count} real images, ${score} of ${samples.images.count}.`];
}
