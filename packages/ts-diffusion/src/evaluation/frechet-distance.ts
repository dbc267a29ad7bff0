import { EvaluationError } from '../utils/errors.js';
import { Purpose, RandomStream } from '../utils/random.js';
import { FeatureStatistics } from './feature-statistics.js';
import { checkSameDimension, selectFeatures, type Features } from './features.js';
import type { Matrix } from './linear-algebra/matrix.js';
import { semidefiniteFactor } from './linear-algebra/semidefinite-factor.js';
import { squareRootTrace } from './linear-algebra/square-root-trace.js';
import { standardDeviation } from './moments.js';
import type { ProgressHook } from './progress.js';
import { number, count, callback, options, signature } from '../utils/arguments.js';
import { statistics, features } from '../utils/argument-shapes.js';

const frechetDistanceArguments = signature('frechetDistance', {
  a: statistics,
  b: statistics,
  onProgress: callback.optional(),
});

/**
 * The squared Fréchet distance between the normal distributions with the means and covariances of two sets of features,
 * |μ_a - μ_b|² + tr(Σ_a + Σ_b - 2 √(Σ_a Σ_b)) (Dowson & Landau 1982). Over pool3 features of Inception-v3 it is the FID
 * (Heusel et al. 2017). It is biased upwards, the more the fewer images there are.
 *
 * @returns at least 0
 * @throws EvaluationError for different dimensions or fewer than 2 images on either side
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics, onProgress?: ProgressHook): number {
  frechetDistanceArguments({ a, b, onProgress });
  checkSameDimension(a.dimension, b.dimension);
  return distanceBetween(prepare(a), prepare(b), onProgress);
}

/** What of a distribution its distances need. */
interface PreparedStatistics {
  readonly mean: Float64Array;
  readonly trace: number;
  /** F with F Fᵀ = Σ. */
  readonly factor: Matrix<Float64Array>;
}

function prepare(statistics: FeatureStatistics): PreparedStatistics {
  const d = statistics.dimension;
  const covariance = statistics.covariance();
  let trace = 0;
  for (let i = 0; i < d; i++) trace += covariance[i * d + i] as number;
  return { mean: statistics.mean(), trace, factor: semidefiniteFactor(covariance, d) };
}

function distanceBetween(a: PreparedStatistics, b: PreparedStatistics, onProgress?: ProgressHook): number {
  const betweenMeans = a.mean.reduce((sum, value, i) => sum + (value - (b.mean[i] as number)) ** 2, 0);
  const distance = betweenMeans + a.trace + b.trace - 2 * squareRootTrace(a.factor, b.factor, onProgress);
  // Between equal distributions rounding is all there is, of either sign.
  return Math.max(distance, 0);
}

/** A Fréchet distance beside that of real images. */
export interface FrechetFloor {
  /** From the samples to the reference. */
  readonly distance: number;
  /** From other real images to the reference: what a perfect model would score. */
  readonly floor: number;
  /** distance / floor: 1 for a perfect model, comparable across features where distances are not. */
  readonly ratio: number;
  /** What a receipt has to say. */
  readonly warnings: readonly string[];
}

const frechetDistanceWithFloorArguments = signature('frechetDistanceWithFloor', {
  samples: statistics,
  reference: statistics,
  real: statistics,
  onProgress: callback.optional(),
});

/**
 * A Fréchet distance beside its floor: the distance between real images and the reference, which is not 0 because both are
 * finite sets.
 *
 * @param samples features of generated images
 * @param reference features of the real images that samples are compared with
 * @param real features of real images that are not among the reference, as many as samples
 * @throws EvaluationError as `frechetDistance`
 */
export function frechetDistanceWithFloor(
  samples: FeatureStatistics,
  reference: FeatureStatistics,
  real: FeatureStatistics,
  onProgress?: ProgressHook,
): FrechetFloor {
  frechetDistanceWithFloorArguments({ samples, reference, real, onProgress });
  checkSameDimension(samples.dimension, reference.dimension);
  checkSameDimension(real.dimension, reference.dimension);
  const prepared = prepare(reference);
  const distance = distanceBetween(prepare(samples), prepared, (share) => onProgress?.(share / 2));
  const floor = distanceBetween(prepare(real), prepared, (share) => onProgress?.((1 + share) / 2));
  const warnings = [samples.warning, reference.warning, real.warning].filter((text) => text !== null);
  if (samples.count !== real.count) {
    warnings.push(
      `The distance is of ${samples.count} samples but its floor of ${real.count} real images; the bias of a Fréchet ` +
        'distance depends on their number, so the ratio is not exact.',
    );
  }
  return { distance, floor, ratio: distance / floor, warnings: [...new Set(warnings)] };
}

/** How a bootstrap draws its resamples. */
export interface BootstrapOptions {
  /** How often the images are drawn anew, at least 2. */
  readonly resamples: number;
  /** Resample i depends on (seed, i) alone. */
  readonly seed: number;
  readonly onProgress?: ProgressHook;
}

/** A Fréchet distance with its standard error. */
export interface BootstrapDistance {
  /** Of the images as they are. */
  readonly distance: number;
  /** Standard deviation over the resamples: by how much another set of as many samples would differ. */
  readonly standardError: number;
  /** The distance of each resample. Repeated images make them larger than `distance`: only their spread is an estimate. */
  readonly resampled: Float64Array;
}

const bootstrapFrechetDistanceArguments = signature('bootstrapFrechetDistance', {
  features,
  reference: statistics,
  options: options({ resamples: number, seed: count, onProgress: callback.optional() }),
});

/**
 * A Fréchet distance with its error bar by the bootstrap (Efron 1979): images drawn from `features` with replacement, as many
 * as there are, again and again. The reference is taken as given.
 *
 * @param features of the samples [N, D]
 * @throws EvaluationError as `frechetDistance`, and for fewer than 2 resamples
 */
export function bootstrapFrechetDistance(
  features: Features,
  reference: FeatureStatistics,
  options: BootstrapOptions,
): BootstrapDistance {
  bootstrapFrechetDistanceArguments({ features, reference, options });
  const { resamples, seed, onProgress } = options;
  if (!Number.isInteger(resamples) || resamples < 2) {
    throw new EvaluationError(`The bootstrap needs a whole number of resamples, at least 2, got ${resamples}.`);
  }
  checkSameDimension(features.columns, reference.dimension);
  const prepared = prepare(reference);
  const distanceOf = (set: Features): number => distanceBetween(prepare(FeatureStatistics.of(set)), prepared);
  const distance = distanceOf(features);
  const resampled = Float64Array.from({ length: resamples }, (_, i) => {
    const random = new RandomStream(seed, Purpose.bootstrap, i);
    const rows = Uint32Array.from({ length: features.rows }, () => random.integer(features.rows));
    const value = distanceOf(selectFeatures(features, rows));
    onProgress?.((i + 1) / resamples);
    return value;
  });
  return { distance, standardError: standardDeviation(resampled), resampled };
}
