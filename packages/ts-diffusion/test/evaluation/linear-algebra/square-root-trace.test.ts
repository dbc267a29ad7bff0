import { describe, expect, it } from 'vitest';
import { addProduct } from '../../../src/evaluation/linear-algebra/matrix-product.js';
import { matrix, transposed } from '../../../src/evaluation/linear-algebra/matrix.js';
import { semidefiniteFactor } from '../../../src/evaluation/linear-algebra/semidefinite-factor.js';
import { singularValues } from '../../../src/evaluation/linear-algebra/singular-values.js';
import { squareRootTrace } from '../../../src/evaluation/linear-algebra/square-root-trace.js';
import golden from '../../golden/evaluation.json' with { type: 'json' };
import { semidefinite, type SquareRootCase } from '../../golden/evaluation.js';

const cases = golden.squareRootTraces.filter(({ n }) => n <= 256);

describe('semidefiniteFactor', () => {
  it.each(cases)('times its transpose is the matrix, to rounding: n $n, $columns columns, decay $decay', (spectrum) => {
    const { n, columns, decay } = spectrum;
    const a = semidefinite('f', spectrum);
    const factor = semidefiniteFactor(a, n);
    const product = matrix(n, n);
    addProduct(product, factor, transposed(factor));
    const largest = Math.max(...a);
    expect(product.data).toBeCloseToTensor(a, { atol: 1e-15 * n * largest });
    if (decay === 0) expect(factor.columns).toBe(Math.min(n, columns));
  });

  it('of zero has no column', () => {
    expect(semidefiniteFactor(new Float64Array(9), 3).columns).toBe(0);
  });
});

function traceOf(spectrum: SquareRootCase): number {
  const [a, b] = [semidefinite('f', spectrum), semidefinite('g', spectrum)];
  return squareRootTrace(semidefiniteFactor(a, spectrum.n), semidefiniteFactor(b, spectrum.n));
}

const relative = (value: number, expected: number): number => Math.abs(value / expected - 1);

describe('squareRootTrace', () => {
  it.each(cases)(
    'equals the sum of singular values by SciPy to 1e-10: n $n, $columns columns, decay $decay',
    (expected) => {
      expect(relative(traceOf(expected), expected.svd)).toBeLessThan(1e-10);
    },
  );

  it.each(cases.filter(({ columns, n, decay }) => columns >= n && decay < 6))(
    'equals the trace of scipy.linalg.sqrtm and the way through eigh to 1e-8: n $n, $columns columns, decay $decay',
    (expected) => {
      expect(relative(traceOf(expected), expected.sqrtm)).toBeLessThan(1e-8);
      expect(relative(traceOf(expected), expected.eigh)).toBeLessThan(1e-8);
    },
  );

  it.each(cases.flatMap(({ exact, ...entry }) => (exact === undefined ? [] : [{ ...entry, exact }])))(
    'is nearer than both to what 60 digits give, however close to singular: n $n, $columns columns, decay $decay',
    (expected) => {
      const error = relative(traceOf(expected), expected.exact);
      expect(error).toBeLessThan(1e-12);
      expect(error).toBeLessThanOrEqual(relative(expected.sqrtm, expected.exact));
    },
  );

  it('with A = 4 I is twice the sum of the singular values of G, B of half the rank, in either order', () => {
    const n = 200;
    const diagonal = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 4 : 0));
    const f = semidefiniteFactor(diagonal, n);
    const g = semidefiniteFactor(semidefinite('g', { n, columns: n / 2, decay: 0 }), n);
    const copy = matrix(n, n / 2);
    addProduct(copy, f, g, 0.5);
    const expected = 2 * singularValues(copy).reduce((sum, value) => sum + value, 0);
    expect(relative(squareRootTrace(f, g), expected)).toBeLessThan(1e-13);
    expect(relative(squareRootTrace(g, f), expected)).toBeLessThan(1e-13);
  });
});
