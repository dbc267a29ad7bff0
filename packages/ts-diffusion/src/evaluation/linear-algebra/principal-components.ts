import { RandomStream, Purpose } from '../../utils/random.js';
import { addProduct } from './matrix-product.js';
import { matrix, transposed, type Matrix } from './matrix.js';

/** Of orthogonal iteration; each is a factor of the square of the ratio of neighbouring eigenvalues. */
const ITERATIONS = 15;

/** The directions along which vectors vary most. */
export interface PrincipalComponents {
  /** [D] */
  readonly mean: Float64Array;
  /** [D, K], orthonormal columns. */
  readonly directions: Matrix<Float64Array>;
}

/**
 * The first principal components of vectors, by orthogonal iteration (Golub & Van Loan, Matrix Computations, 8.2.4) from a seeded start.
 *
 * @param vectors [N, D]
 * @param count K, at most D
 */
export function principalComponents(vectors: Matrix, count: number): PrincipalComponents {
  const { rows, columns } = vectors;
  const mean = columnMeans(vectors);
  const centred = matrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      centred.data[i * columns + j] = at(vectors, i, j) - (mean[j] as number);
    }
  }
  let directions = matrix(columns, count);
  const random = new RandomStream(0, Purpose.initialisation, columns);
  const start = new Float32Array(columns * count);
  random.fillNormal(start);
  directions.data.set(start);
  orthonormalise(directions);
  for (let i = 0; i < ITERATIONS; i++) {
    const projected = matrix(rows, count);
    addProduct(projected, centred, directions);
    directions = matrix(columns, count);
    addProduct(directions, transposed(centred), projected);
    orthonormalise(directions);
  }
  return { mean, directions };
}

/** The coordinates of vectors [N, D] along the components, [N, K]. */
export function project(vectors: Matrix, { mean, directions }: PrincipalComponents): Float32Array {
  const { rows } = vectors;
  const { columns } = directions;
  const projected = matrix(rows, columns);
  addProduct(projected, vectors, directions);
  const ofMean = matrix(1, columns);
  addProduct(ofMean, matrix(1, mean.length, mean), directions);
  return Float32Array.from(projected.data, (value, i) => value - (ofMean.data[i % columns] as number));
}

const at = ({ data, offset, rowStride, columnStride }: Matrix, row: number, column: number): number =>
  data[offset + row * rowStride + column * columnStride] as number;

function columnMeans(vectors: Matrix): Float64Array {
  const means = new Float64Array(vectors.columns);
  for (let i = 0; i < vectors.rows; i++) {
    for (let j = 0; j < means.length; j++) means[j] = (means[j] as number) + at(vectors, i, j);
  }
  return means.map((sum) => sum / vectors.rows);
}

/** Makes the columns orthonormal (modified Gram-Schmidt, twice); one that depends on those before it becomes zero. */
function orthonormalise({ data, rows, columns }: Matrix<Float64Array>): void {
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += (data[i * columns + a] as number) * (data[i * columns + b] as number);
    return sum;
  };
  for (let j = 0; j < columns; j++) {
    const before = Math.sqrt(dot(j, j));
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        const share = dot(k, j);
        for (let i = 0; i < rows; i++) {
          data[i * columns + j] = (data[i * columns + j] as number) - share * (data[i * columns + k] as number);
        }
      }
    }
    const length = Math.sqrt(dot(j, j));
    const factor = length <= 1e-10 * before ? 0 : 1 / length;
    for (let i = 0; i < rows; i++) data[i * columns + j] = (data[i * columns + j] as number) * factor;
  }
}
