import type { Features } from './features.js';
import { forEachProductBlock } from './linear-algebra/matrix-product.js';
import { transposed } from './linear-algebra/matrix.js';
import type { ProgressHook } from './progress.js';

export interface DistanceOptions {
  /** Only pairs with j < i: for a set against itself. Default false. */
  readonly lower?: boolean;
  readonly onProgress?: ProgressHook | undefined;
}

/**
 * The squared Euclidean distance |a_i - b_j|² of every pair of vectors, as |a_i|² + |b_j|² - 2 a_i·b_j in float64: exact to
 * about 1e-15 of the squared lengths, never below 0. No matrix of them is kept.
 *
 * @param a [N, D]
 * @param b [M, D]
 */
export function forEachSquaredDistance(
  a: Features,
  b: Features,
  visit: (i: number, j: number, squaredDistance: number) => void,
  { lower = false, onProgress }: DistanceOptions = {},
): void {
  const aLengths = squaredLengths(a);
  const bLengths = squaredLengths(b);
  forEachProductBlock(
    a,
    transposed(b),
    ({ rowStart, rowEnd, columnStart, columnEnd, values, stride }) => {
      for (let i = rowStart; i < rowEnd; i++) {
        const rowAt = (i - rowStart) * stride - columnStart;
        const aLength = aLengths[i] as number;
        const end = lower ? Math.min(columnEnd, i) : columnEnd;
        for (let j = columnStart; j < end; j++) {
          visit(i, j, Math.max(aLength + (bLengths[j] as number) - 2 * (values[rowAt + j] as number), 0));
        }
      }
      const share = (rowStart + ((rowEnd - rowStart) * columnEnd) / b.rows) / a.rows;
      onProgress?.(lower ? share ** 2 : share);
    },
    { lower },
  );
}

function squaredLengths({ data, rows, columns }: Features): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = i * columns; j < (i + 1) * columns; j++) sum += (data[j] as number) ** 2;
    return sum;
  });
}
