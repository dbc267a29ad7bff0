import type { ProgressHook } from '../progress.js';
import { addProduct } from './matrix-product.js';
import { addMatrixVector, addTransposedMatrixVector } from './matrix-vector.js';
import { matrix, submatrix, transposed, type Matrix } from './matrix.js';

/** Rows and columns reduced between two updates of the whole matrix. */
const PANEL = 32;

export interface Bidiagonal {
  /** [n] */
  readonly diagonal: Float64Array;
  /** Superdiagonal [n - 1]. */
  readonly superdiagonal: Float64Array;
}

/**
 * An upper bidiagonal matrix with the singular values of `a`: Householder reflections from the left and the right in turn,
 * in panels, so that half of the work is a product of matrices (Dongarra, Sorensen & Hammarling 1989; LAPACK `dgebrd`).
 *
 * The reflections of a panel are not applied one by one: after some of them the matrix is A - W · Zᵀ, with two columns of W
 * and Z for each row and column reduced, and only what the next reflection asks of it is formed.
 *
 * @param a [m, n], m >= n, rows contiguous; destroyed
 */
export function bidiagonalise(a: Matrix<Float64Array>, onProgress?: ProgressHook): Bidiagonal {
  const { rows: m, columns: n } = a;
  const diagonal = new Float64Array(n);
  const superdiagonal = new Float64Array(Math.max(n - 1, 0));
  const w = matrix(m, 2 * PANEL);
  const z = matrix(n, 2 * PANEL);
  for (let start = 0; start < n; start += PANEL) {
    const end = Math.min(start + PANEL, n);
    for (let c = start; c < end; c++) {
      const known = 2 * (c - start);

      // From the left: (I - τ v vᵀ) A = A - v yᵀ with y = τ Aᵀ v, so that column c vanishes below the diagonal.
      const v = readColumn(a, c, [c, m]);
      addMatrixVector(v, submatrix(w, [c, m], [0, known]), row(z, c, known), -1);
      const left = reflection(v);
      diagonal[c] = left.value;
      if (c + 1 === n) break;
      const y = new Float64Array(n - c - 1);
      addTransposedMatrixVector(y, submatrix(a, [c, m], [c + 1, n]), v, left.tau);
      const wv = new Float64Array(known);
      addTransposedMatrixVector(wv, submatrix(w, [c, m], [0, known]), v, left.tau);
      addMatrixVector(y, submatrix(z, [c + 1, n], [0, known]), wv, -1);
      writeColumn(w, known, c, v);
      writeColumn(z, known, c + 1, y);

      // From the right: A (I - τ u uᵀ) = A - x uᵀ with x = τ A u, so that row c vanishes after the superdiagonal.
      const u = row(submatrix(a, [0, m], [c + 1, n]), c, n - c - 1);
      addMatrixVector(u, submatrix(z, [c + 1, n], [0, known + 1]), row(w, c, known + 1), -1);
      const right = reflection(u);
      superdiagonal[c] = right.value;
      const x = new Float64Array(m - c - 1);
      addMatrixVector(x, submatrix(a, [c + 1, m], [c + 1, n]), u, right.tau);
      const zu = new Float64Array(known + 1);
      addTransposedMatrixVector(zu, submatrix(z, [c + 1, n], [0, known + 1]), u, right.tau);
      addMatrixVector(x, submatrix(w, [c + 1, m], [0, known + 1]), zu, -1);
      writeColumn(w, known + 1, c + 1, x);
      writeColumn(z, known + 1, c + 1, u);
    }
    const columns = [0, 2 * (end - start)] as const;
    addProduct(
      submatrix(a, [end, m], [end, n]),
      submatrix(w, [end, m], columns),
      transposed(submatrix(z, [end, n], columns)),
      -1,
    );
    onProgress?.(1 - ((n - end) / n) ** 3);
  }
  return { diagonal, superdiagonal };
}

/**
 * Householder's reflection (I - τ v vᵀ) x = (value, 0, …, 0), v_0 = 1; `value` has the sign that loses no digits.
 * @param x replaced by v
 */
function reflection(x: Float64Array): { readonly value: number; readonly tau: number } {
  const first = x[0] as number;
  let tail = 0;
  for (let i = 1; i < x.length; i++) tail += (x[i] as number) ** 2;
  x[0] = 1;
  if (tail === 0) return { value: first, tau: 0 };
  const value = -Math.sign(first || 1) * Math.sqrt(first * first + tail);
  const scale = 1 / (first - value);
  for (let i = 1; i < x.length; i++) x[i] = (x[i] as number) * scale;
  return { value, tau: (value - first) / value };
}

/** The first `length` values of row i, in a new array. */
function row({ data, offset, rowStride }: Matrix<Float64Array>, i: number, length: number): Float64Array {
  return data.slice(offset + i * rowStride, offset + i * rowStride + length);
}

function readColumn(
  { data, offset, rowStride }: Matrix<Float64Array>,
  j: number,
  [from, to]: readonly [number, number],
) {
  return Float64Array.from({ length: to - from }, (_, i) => data[offset + (from + i) * rowStride + j] as number);
}

function writeColumn({ data, offset, rowStride }: Matrix<Float64Array>, j: number, from: number, values: Float64Array) {
  for (let i = 0; i < values.length; i++) data[offset + (from + i) * rowStride + j] = values[i] as number;
}
