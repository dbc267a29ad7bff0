import type { Matrix } from './matrix.js';

/**
 * out += scale · A · x. Four rows at a time, so that each element of x is loaded once for four products.
 * @param a [M, N], rows contiguous
 */
export function addMatrixVector(out: Float64Array, a: Matrix<Float64Array>, x: Float64Array, scale: number): void {
  const { data, offset, rows, columns, rowStride } = a;
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const row0 = offset + i * rowStride;
    const row1 = row0 + rowStride;
    const row2 = row1 + rowStride;
    const row3 = row2 + rowStride;
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    for (let j = 0; j < columns; j++) {
      const xj = x[j] as number;
      sum0 += (data[row0 + j] as number) * xj;
      sum1 += (data[row1 + j] as number) * xj;
      sum2 += (data[row2 + j] as number) * xj;
      sum3 += (data[row3 + j] as number) * xj;
    }
    out[i] = (out[i] as number) + scale * sum0;
    out[i + 1] = (out[i + 1] as number) + scale * sum1;
    out[i + 2] = (out[i + 2] as number) + scale * sum2;
    out[i + 3] = (out[i + 3] as number) + scale * sum3;
  }
  for (; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (data[offset + i * rowStride + j] as number) * (x[j] as number);
    out[i] = (out[i] as number) + scale * sum;
  }
}

/**
 * out += scale · Aᵀ · x. Four rows at a time, so that each element of `out` is loaded and stored once for four products.
 * @param a [M, N], rows contiguous
 */
export function addTransposedMatrixVector(
  out: Float64Array,
  a: Matrix<Float64Array>,
  x: Float64Array,
  scale: number,
): void {
  const { data, offset, rows, columns, rowStride } = a;
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const row0 = offset + i * rowStride;
    const row1 = row0 + rowStride;
    const row2 = row1 + rowStride;
    const row3 = row2 + rowStride;
    const x0 = scale * (x[i] as number);
    const x1 = scale * (x[i + 1] as number);
    const x2 = scale * (x[i + 2] as number);
    const x3 = scale * (x[i + 3] as number);
    for (let j = 0; j < columns; j++) {
      out[j] =
        (out[j] as number) +
        (x0 * (data[row0 + j] as number) +
          x1 * (data[row1 + j] as number) +
          (x2 * (data[row2 + j] as number) + x3 * (data[row3 + j] as number)));
    }
  }
  for (; i < rows; i++) {
    const xi = scale * (x[i] as number);
    for (let j = 0; j < columns; j++) {
      out[j] = (out[j] as number) + xi * (data[offset + i * rowStride + j] as number);
    }
  }
}
