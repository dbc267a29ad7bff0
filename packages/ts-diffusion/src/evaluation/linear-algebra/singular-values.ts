import type { ProgressHook } from '../progress.js';
import { bidiagonalise } from './bidiagonalisation.js';
import type { Matrix } from './matrix.js';
import { tridiagonalEigenvalues } from './tridiagonal-eigenvalues.js';

/**
 * The singular values of a matrix in ascending order, each within a few n · ε of the largest: by way of a bidiagonal matrix B
 * and the eigenvalues ±σ of [0 Bᵀ; B 0], which is tridiagonal once its rows are interleaved (Golub & Kahan 1965). Eigenvalues
 * of BᵀB, cheaper by half, would know σ² to ε of the largest and so σ to √ε only.
 *
 * @param a [m, n], m >= n, rows contiguous; destroyed
 */
export function singularValues(a: Matrix<Float64Array>, onProgress?: ProgressHook): Float64Array {
  const n = a.columns;
  const { diagonal, superdiagonal } = bidiagonalise(a, onProgress);
  const offDiagonal = new Float64Array(2 * n);
  diagonal.forEach((value, i) => (offDiagonal[2 * i] = value));
  superdiagonal.forEach((value, i) => (offDiagonal[2 * i + 1] = value));
  const eigenvalues = new Float64Array(2 * n);
  tridiagonalEigenvalues(eigenvalues, offDiagonal);
  return eigenvalues.sort().subarray(n).map(Math.abs);
}
