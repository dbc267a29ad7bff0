import type { ProgressHook } from '../progress.js';
import { addProduct } from './matrix-product.js';
import { matrix, transposed, type Matrix } from './matrix.js';
import { singularValues } from './singular-values.js';

/**
 * tr √(√A · B · √A), which is also tr √(A · B), for A = F Fᵀ and B = G Gᵀ: the sum of the singular values of Fᵀ G.
 *
 * Why so: √A · B · √A and (Fᵀ G)(Fᵀ G)ᵀ have the same eigenvalues, whichever factor F is taken (F = √A Q, Q orthogonal).
 * A triangular factor costs a tenth of a square root by eigenvectors, and never forming the product keeps the digits that
 * squaring loses: with covariances of fewer images than features, most eigenvalues of A · B are rounding, of size ε, and
 * their roots, of size √ε, add up to errors in the sixth digit. Here rounding stays of size ε.
 *
 * @param f [n, rank of A], `semidefiniteFactor(A)`
 * @param g [n, rank of B]
 */
export function squareRootTrace(f: Matrix<Float64Array>, g: Matrix<Float64Array>, onProgress?: ProgressHook): number {
  const [tall, wide] = f.columns >= g.columns ? [f, g] : [g, f];
  const product = matrix(tall.columns, wide.columns);
  addProduct(product, transposed(tall), wide);
  return singularValues(product, onProgress).reduce((sum, value) => sum + value, 0);
}
