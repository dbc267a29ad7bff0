import { EvaluationError } from '../utils/errors.js';
import { matrix, type Matrix } from './linear-algebra/matrix.js';
import { positiveCount, floats, signature } from '../utils/arguments.js';

/** One vector of features per image (or its pixels, where those are compared), row-major. */
export type Features = Matrix<Float32Array>;

const createFeaturesArguments = signature('createFeatures', { data: floats, dimension: positiveCount });

/**
 * Vectors of features from one flat array, row after row.
 *
 * @param data [N, dimension]
 * @throws EvaluationError where `data` is no whole number of vectors, or holds a value that is not finite
 */
export function createFeatures(data: Float32Array, dimension: number): Features {
  createFeaturesArguments({ data, dimension });
  const count = data.length / dimension;
  if (!Number.isInteger(count)) {
    throw new EvaluationError(`${data.length} values are not a whole number of feature vectors of ${dimension}.`);
  }
  checkFinite(data, dimension);
  return matrix(count, dimension, data);
}

/**
 * @param firstImage the index of the first vector, for the message
 * @throws EvaluationError naming the image and the feature that is not finite
 */
export function checkFinite(data: Float32Array, dimension: number, firstImage = 0): void {
  // One sum is faster than a test of every value; finite float32 values cannot overflow it.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  if (Number.isFinite(sum)) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new EvaluationError(
    `Feature ${at % dimension} of image ${firstImage + Math.floor(at / dimension)} is ${String(data[at])}; features must be ` +
      'finite. Check that image and the weights of the feature network.',
  );
}

/** The given rows, in a new array. */
export function selectFeatures(from: Features, rows: ArrayLike<number>): Features {
  const { data, columns } = from;
  const selected = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const start = (rows[i] as number) * columns;
    selected.set(data.subarray(start, start + columns), i * columns);
  }
  return matrix(rows.length, columns, selected);
}

/** @throws EvaluationError unless both numbers of features per image are the same */
export function checkSameDimension(a: number, b: number): void {
  if (a === b) return;
  throw new EvaluationError(
    `Features of ${a} dimensions cannot be compared with features of ${b}. Compute both with the same network.`,
  );
}
