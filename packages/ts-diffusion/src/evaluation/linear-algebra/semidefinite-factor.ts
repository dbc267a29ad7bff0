import { addProduct } from './matrix-product.js';
import { matrix, submatrix, transposed, type Matrix } from './matrix.js';

/** Columns of the factor between two updates of the whole matrix. */
const PANEL = 64;

/**
 * F with F · Fᵀ = A for a symmetric positive semidefinite A: Cholesky's factorisation with complete pivoting (Higham 1990,
 * "Analysis of the Cholesky decomposition of a semi-definite matrix"), the rows of F in the order of A. A singular A gives
 * as many columns as its rank: the work ends where every pivot left is rounding, n · ε · the largest diagonal element.
 *
 * @param a symmetric, row-major [n, n]
 * @returns F [n, rank]
 */
export function semidefiniteFactor(a: Float64Array, n: number): Matrix<Float64Array> {
  const rest = matrix(n, n, a.slice());
  const factor = matrix(n, n);
  const pivots = Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number);
  const negligible = n * Number.EPSILON * pivots.reduce((x, y) => Math.max(x, y), 0);
  for (let start = 0; start < n; start += PANEL) {
    const end = Math.min(start + PANEL, n);
    for (let column = start; column < end; column++) {
      const pivot = indexOfLargest(pivots);
      if ((pivots[pivot] as number) <= negligible) return submatrix(factor, [0, n], [0, column]);
      addColumn(factor.data, rest.data, pivots, { n, pivot, column, panelStart: start });
    }
    const panel = submatrix(factor, [0, n], [start, end]);
    if (end < n) addProduct(rest, panel, transposed(panel), -1, { lower: true });
  }
  return factor;
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** Eliminates one row and column: they become the next column of F. A pivot that has been used stays -∞. */
function addColumn(
  factor: Float64Array,
  rest: Float64Array,
  pivots: Float64Array,
  { n, pivot, column, panelStart }: { n: number; pivot: number; column: number; panelStart: number },
): void {
  const root = Math.sqrt(pivots[pivot] as number);
  for (let i = 0; i < n; i++) {
    if (pivots[i] === -Infinity) continue;
    let value = rest[Math.max(pivot, i) * n + Math.min(pivot, i)] as number;
    // `rest`, kept below the diagonal, does not know the columns of this panel yet.
    for (let k = panelStart; k < column; k++) {
      value -= (factor[i * n + k] as number) * (factor[pivot * n + k] as number);
    }
    value /= root;
    factor[i * n + column] = value;
    pivots[i] = (pivots[i] as number) - value * value;
  }
  factor[pivot * n + column] = root;
  pivots[pivot] = -Infinity;
}
