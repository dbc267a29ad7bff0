import { EvaluationError } from '../utils/errors.js';
import { checkSameDimension, type Features } from './features.js';
import type { ProgressHook } from './progress.js';
import { forEachSquaredDistance } from './squared-distances.js';
import { callback, signature } from '../utils/arguments.js';
import { features } from '../utils/argument-shapes.js';

/** The training image nearest to each of N samples. */
export interface NearestNeighbours {
  /** Of each sample: the index of the training image nearest to it [N]. */
  readonly indices: Uint32Array;
  /** And the Euclidean distance to it [N]: exactly 0 for a copy. */
  readonly distances: Float64Array;
}

const nearestNeighboursArguments = signature('nearestNeighbours', {
  samples: features,
  training: features,
  onProgress: callback.optional(),
});

/**
 * The training image nearest to each sample, in the space of features or of pixels: to see whether a model has memorised.
 * What counts as near, the same search for held-out real images says.
 *
 * @param samples [N, D]
 * @param training [M, D], M >= 1
 * @throws EvaluationError for different dimensions or an empty training set
 */
export function nearestNeighbours(samples: Features, training: Features, onProgress?: ProgressHook): NearestNeighbours {
  nearestNeighboursArguments({ samples, training, onProgress });
  checkSameDimension(samples.columns, training.columns);
  if (training.rows === 0) throw new EvaluationError('Nearest neighbours need training images, got none.');
  const indices = new Uint32Array(samples.rows);
  const least = new Float64Array(samples.rows).fill(Infinity);
  forEachSquaredDistance(
    samples,
    training,
    (i, j, squaredDistance) => {
      if (squaredDistance >= (least[i] as number)) return;
      least[i] = squaredDistance;
      indices[i] = j;
    },
    { onProgress },
  );
  // From the difference itself, because the distance of a copy out of a product is rounding.
  const distances = Float64Array.from(indices, (index, i) => distance(samples, i, training, index));
  return { indices, distances };
}

function distance(a: Features, i: number, b: Features, j: number): number {
  let sum = 0;
  for (let k = 0; k < a.columns; k++) {
    sum += ((a.data[i * a.columns + k] as number) - (b.data[j * b.columns + k] as number)) ** 2;
  }
  return Math.sqrt(sum);
}
