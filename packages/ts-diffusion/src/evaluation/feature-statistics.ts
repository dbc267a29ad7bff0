import { DataError, EvaluationError } from '../utils/errors.js';
import { checkFinite, checkSameDimension, type Features } from './features.js';
import { addProduct } from './linear-algebra/matrix-product.js';
import { matrix, transposed } from './linear-algebra/matrix.js';
import { positiveCount, floats, signature } from '../utils/arguments.js';
import { statistics, features } from '../utils/argument-shapes.js';

/** Vectors gathered before the D x D matrix is touched: one product of matrices instead of as many outer products. */
const GATHERED = 512;
const FORMAT = 'feature statistics 1\n';
const FLOAT_BYTES = 8;

const featureStatisticsArguments = signature('new FeatureStatistics', { dimension: positiveCount });
const featureStatisticsOfArguments = signature('FeatureStatistics.of', { features });
const featureStatisticsAddArguments = signature('FeatureStatistics.add', { features: floats });
const featureStatisticsMergeArguments = signature('FeatureStatistics.merge', { other: statistics });

/**
 * Mean and covariance of feature vectors, in float64 and in memory of D² whatever their number. Vectors may come in any
 * number of calls, or in shards that are merged: the result is the same to about 1e-14, because every part is summed up about
 * its own mean (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance").
 */
export class FeatureStatistics {
  /** D. */
  readonly dimension: number;
  #count = 0;
  readonly #mean: Float64Array;
  /** Σ (x - mean)(x - mean)ᵀ, only the triangle below the diagonal. */
  readonly #scatter: Float64Array;
  readonly #gathered: Float64Array;
  #gatheredCount = 0;

  /** Statistics of no vectors yet. @param dimension of the vectors, D */
  constructor(dimension: number) {
    featureStatisticsArguments({ dimension });
    this.dimension = dimension;
    this.#mean = new Float64Array(dimension);
    this.#scatter = new Float64Array(dimension * dimension);
    this.#gathered = new Float64Array(GATHERED * dimension);
  }

  /** Of all these vectors. */
  static of(features: Features): FeatureStatistics {
    featureStatisticsOfArguments({ features });
    const { data, columns } = features;
    const statistics = new FeatureStatistics(columns);
    statistics.add(data);
    return statistics;
  }

  /** How many vectors there are. */
  get count(): number {
    return this.#count + this.#gatheredCount;
  }

  /** What a receipt has to say: with no more images than features the covariance is singular; null where it is not. */
  get warning(): string | null {
    if (this.count > this.dimension) return null;
    return (
      `${this.count} images for ${this.dimension} features: their covariance is singular and a Fréchet distance from it is ` +
      `biased upwards; use more than ${this.dimension} images.`
    );
  }

  /**
   * Takes in more vectors.
   * @param features [N, D]
   * @throws EvaluationError where N is not whole or a value is not finite; nothing of `features` is then taken in
   */
  add(features: Float32Array): void {
    featureStatisticsAddArguments({ features });
    const count = features.length / this.dimension;
    if (!Number.isInteger(count)) {
      throw new EvaluationError(
        `${features.length} values are not a whole number of feature vectors of ${this.dimension}.`,
      );
    }
    checkFinite(features, this.dimension, this.count);
    for (let taken = 0; taken < count;) {
      const part = Math.min(GATHERED - this.#gatheredCount, count - taken);
      const values = features.subarray(taken * this.dimension, (taken + part) * this.dimension);
      this.#gathered.set(values, this.#gatheredCount * this.dimension);
      this.#gatheredCount += part;
      taken += part;
      if (this.#gatheredCount === GATHERED) this.#flush();
    }
  }

  /**
   * Takes in every vector that `other` has seen; `other` stays as it is.
   * @throws EvaluationError where the dimensions differ
   */
  merge(other: FeatureStatistics): void {
    featureStatisticsMergeArguments({ other });
    checkSameDimension(this.dimension, other.dimension);
    this.#flush();
    other.#flush();
    const theirs = other.#scatter;
    for (let i = 0; i < theirs.length; i++) this.#scatter[i] = (this.#scatter[i] as number) + (theirs[i] as number);
    this.#addMean(other.#count, other.#mean);
  }

  /** [D], a copy. @throws EvaluationError without images */
  mean(): Float64Array {
    this.#requireImages(1, 'mean');
    this.#flush();
    return this.#mean.slice();
  }

  /** The unbiased covariance (division by N - 1), [D, D] in a new array. @throws EvaluationError for fewer than 2 images */
  covariance(): Float64Array {
    this.#requireImages(2, 'covariance');
    this.#flush();
    const d = this.dimension;
    const covariance = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        const value = (this.#scatter[i * d + j] as number) / (this.#count - 1);
        covariance[i * d + j] = value;
        covariance[j * d + i] = value;
      }
    }
    return covariance;
  }

  /** Count, mean and scatter as bytes, to be kept in a file: about 4 D². */
  toBytes(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const d = this.dimension;
    const bytes = new Uint8Array(sizeInBytes(d));
    bytes.set(new TextEncoder().encode(FORMAT));
    const view = new DataView(bytes.buffer);
    let at = FORMAT.length;
    const write = (value: number): void => {
      view.setFloat64(at, value, true);
      at += FLOAT_BYTES;
    };
    write(d);
    write(this.#count);
    this.#mean.forEach(write);
    for (let i = 0; i < d; i++) this.#scatter.subarray(i * d, i * d + i + 1).forEach(write);
    return bytes;
  }

  /**
   * What `toBytes` wrote.
   * @param path only for the message
   * @throws DataError for a file of another kind or length
   */
  static fromBytes(bytes: Uint8Array, path: string): FeatureStatistics {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isOurs = new TextDecoder().decode(bytes.subarray(0, FORMAT.length)) === FORMAT;
    const d = isOurs && bytes.length >= sizeInBytes(0) ? view.getFloat64(FORMAT.length, true) : NaN;
    if (!Number.isInteger(d) || d < 1 || bytes.length !== sizeInBytes(d)) {
      throw new DataError(`${path}: the file of feature statistics is incomplete; delete it and compute it again.`);
    }
    let at = FORMAT.length + FLOAT_BYTES;
    const read = (): number => {
      const value = view.getFloat64(at, true);
      at += FLOAT_BYTES;
      return value;
    };
    const statistics = new FeatureStatistics(d);
    statistics.#count = read();
    for (let i = 0; i < d; i++) statistics.#mean[i] = read();
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) statistics.#scatter[i * d + j] = read();
    return statistics;
  }

  #requireImages(least: number, what: string): void {
    if (this.count >= least) return;
    throw new EvaluationError(`The ${what} of features needs at least ${least} images, got ${this.count}.`);
  }

  /** Moves the gathered vectors into mean and scatter. */
  #flush(): void {
    const count = this.#gatheredCount;
    if (count === 0) return;
    const d = this.dimension;
    const values = this.#gathered;
    const mean = new Float64Array(d);
    for (let at = 0; at < count * d;)
      for (let j = 0; j < d; j++, at++) mean[j] = (mean[j] as number) + (values[at] as number) / count;
    for (let at = 0; at < count * d;)
      for (let j = 0; j < d; j++, at++) values[at] = (values[at] as number) - (mean[j] as number);
    const centred = matrix(count, d, values);
    this.#gatheredCount = 0;
    addProduct(matrix(d, d, this.#scatter), transposed(centred), centred, 1, { lower: true });
    this.#addMean(count, mean);
  }

  /** The scatter of another part has been added to this one's; what is missing is the spread between the two means. */
  #addMean(count: number, mean: Float64Array): void {
    if (count === 0) return;
    const d = this.dimension;
    const total = this.#count + count;
    const weight = (this.#count * count) / total;
    const difference = mean.map((value, i) => value - (this.#mean[i] as number));
    for (let i = 0; i < d; i++) {
      const factor = weight * (difference[i] as number);
      for (let j = 0; j <= i; j++) {
        this.#scatter[i * d + j] = (this.#scatter[i * d + j] as number) + factor * (difference[j] as number);
      }
      this.#mean[i] = (this.#mean[i] as number) + (difference[i] as number) * (count / total);
    }
    this.#count = total;
  }
}

/** Dimension, count, mean, and the triangle of the scatter. */
function sizeInBytes(dimension: number): number {
  return FORMAT.length + (2 + dimension + (dimension * (dimension + 1)) / 2) * FLOAT_BYTES;
}
