import { EvaluationError } from '../utils/errors.js';
import { checkSameDimension, type Features } from './features.js';
import { mean } from './moments.js';
import type { ProgressHook } from './progress.js';
import { forEachSquaredDistance } from './squared-distances.js';
import { number, callback, options, signature } from '../utils/arguments.js';
import { features } from '../utils/argument-shapes.js';

/** How large the neighbourhoods of `precisionRecall` are. */
export interface PrecisionRecallOptions {
  /** k: the ball around an image reaches to its k-th nearest neighbour in its own set. Default 5. */
  readonly neighbours?: number;
  readonly onProgress?: ProgressHook;
}

/** Fidelity: precision, density. Diversity: recall, coverage. */
export interface PrecisionRecall {
  /** Share of samples within the ball of some real image. */
  readonly precision: number;
  /** Share of real images within the ball of some sample. */
  readonly recall: number;
  /** In how many balls of real images a sample lies, on average, divided by k; may exceed 1. An outlier among the real images hardly moves it. */
  readonly density: number;
  /** Share of real images with a sample in their ball. */
  readonly coverage: number;
}

const precisionRecallArguments = signature('precisionRecall', {
  real: features,
  samples: features,
  options: options({ neighbours: number.optional(), onProgress: callback.optional() }).optional(),
});

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, with k = 3 there), density and coverage (Naeem et al. 2020, with
 * k = 5). All four depend on k and on how many images there are; they compare only between sets of the same sizes.
 *
 * @param real [N, D], N > k
 * @param samples [M, D], M > k
 * @throws EvaluationError for different dimensions, or sets no larger than k
 */
export function precisionRecall(
  real: Features,
  samples: Features,
  options: PrecisionRecallOptions = {},
): PrecisionRecall {
  precisionRecallArguments({ real, samples, options });
  const { neighbours = 5, onProgress } = options;
  checkSameDimension(real.columns, samples.columns);
  // Both sets against themselves are half a matrix of distances each, against one another a whole one.
  const realRadii = squaredRadii(real, neighbours, (share) => onProgress?.(share / 4));
  const sampleRadii = squaredRadii(samples, neighbours, (share) => onProgress?.((1 + share) / 4));

  const ballsAround = new Uint32Array(samples.rows);
  const isRecalled = new Uint8Array(real.rows);
  const isCovered = new Uint8Array(real.rows);
  forEachSquaredDistance(
    real,
    samples,
    (i, j, squaredDistance) => {
      if (squaredDistance <= (realRadii[i] as number)) {
        ballsAround[j] = (ballsAround[j] as number) + 1;
        isCovered[i] = 1;
      }
      if (squaredDistance <= (sampleRadii[j] as number)) isRecalled[i] = 1;
    },
    { onProgress: (share) => onProgress?.((1 + share) / 2) },
  );
  return {
    precision: mean(ballsAround.map((balls) => Math.min(balls, 1))),
    recall: mean(isRecalled),
    density: mean(ballsAround) / neighbours,
    coverage: mean(isCovered),
  };
}

/** @throws EvaluationError for sets no larger than k */
export function checkNeighbours(count: number, k: number): void {
  if (Number.isInteger(k) && k >= 1 && k < count) return;
  throw new EvaluationError(
    `With ${count} images, the number of neighbours must be from 1 to ${count - 1}, got ${k}. Use more images or fewer neighbours.`,
  );
}

/** The squared distance of each vector to the k-th nearest of the others. */
function squaredRadii(features: Features, k: number, onProgress: ProgressHook): Float64Array {
  const count = features.rows;
  checkNeighbours(count, k);
  // The k nearest so far of vector i, ascending, from index i · k.
  const nearest = new Float64Array(count * k).fill(Infinity);
  const consider = (i: number, distance: number): void => {
    let at = i * k + k - 1;
    if (distance >= (nearest[at] as number)) return;
    for (; at > i * k && (nearest[at - 1] as number) > distance; at--) nearest[at] = nearest[at - 1] as number;
    nearest[at] = distance;
  };
  forEachSquaredDistance(
    features,
    features,
    (i, j, squaredDistance) => {
      consider(i, squaredDistance);
      consider(j, squaredDistance);
    },
    { lower: true, onProgress },
  );
  return Float64Array.from({ length: count }, (_, i) => nearest[i * k + k - 1] as number);
}
