import { describe, expect, it } from 'vitest';
import { singularValues } from '../../../src/evaluation/linear-algebra/singular-values.js';
import { matrix } from '../../../src/evaluation/linear-algebra/matrix.js';
import { tridiagonalEigenvalues } from '../../../src/evaluation/linear-algebra/tridiagonal-eigenvalues.js';
import { deterministicTensor } from '../../golden/deterministic-weights.js';
import golden from '../../golden/evaluation.json' with { type: 'json' };
import { uniform } from '../../golden/evaluation.js';

describe('singularValues', () => {
  it.each(golden.singularValues)('equal those of scipy.linalg: [$m, $n]', ({ m, n, values }) => {
    expect(singularValues(uniform(`matrix ${m} ${n}`, m, n))).toBeCloseToTensor(values, { atol: 1e-14 * m });
  });

  it('of a matrix of rank 1 are the product of the lengths and zeros', () => {
    const [u, v] = [deterministicTensor('u', 50, 1), deterministicTensor('v', 40, 1)];
    const outer = matrix(50, 40);
    u.forEach((ui, i) => {
      v.forEach((vj, j) => (outer.data[i * 40 + j] = ui * vj));
    });
    const expected = new Float64Array(40);
    expected[39] = Math.hypot(...u) * Math.hypot(...v);
    expect(singularValues(outer)).toBeCloseToTensor(expected, { atol: 1e-13 });
  });

  it('of [1 0; e 1] are √(1 + e²/4) ± e/2, though its first column is all but reduced', () => {
    const e = 1e-9;
    const expected = [Math.sqrt(1 + e ** 2 / 4) - e / 2, Math.sqrt(1 + e ** 2 / 4) + e / 2];
    expect(singularValues(matrix(2, 2, Float64Array.of(1, 0, e, 1)))).toBeCloseToTensor(expected, { rtol: 1e-15 });
  });

  it('of zero are zero, and of an empty matrix none', () => {
    expect([...singularValues(matrix(5, 3))]).toEqual([0, 0, 0]);
    expect(singularValues(matrix(5, 0))).toHaveLength(0);
  });

  it('report progress up to the whole', () => {
    const shares: number[] = [];
    singularValues(uniform('matrix', 80, 80), (share) => shares.push(share));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
});

describe('tridiagonalEigenvalues', () => {
  it('equal those of scipy.linalg.eigh_tridiagonal', () => {
    const { n, values } = golden.tridiagonal;
    const [diagonal, offDiagonal] = [uniform('diagonal', n).data, uniform('off-diagonal', n - 1).data];
    tridiagonalEigenvalues(diagonal, offDiagonal);
    expect(diagonal.sort()).toBeCloseToTensor(values, { atol: 1e-14 });
  });

  it('of second differences are 2 - 2 cos(kπ / (n + 1))', () => {
    const n = 500;
    const [diagonal, offDiagonal] = [new Float64Array(n).fill(2), new Float64Array(n - 1).fill(-1)];
    tridiagonalEigenvalues(diagonal, offDiagonal);
    const expected = diagonal.map((_, i) => 2 - 2 * Math.cos(((i + 1) * Math.PI) / (n + 1)));
    expect(diagonal.sort()).toBeCloseToTensor(expected, { atol: 1e-13 });
  });

  it('stop at values that are not finite', () => {
    expect(() => {
      tridiagonalEigenvalues(Float64Array.of(1, NaN, 1), Float64Array.of(1, 1));
    }).toThrow('not finite');
  });
});
