import { describe, expect, it } from 'vitest';
import { addProduct, forEachProductBlock } from '../../../src/evaluation/linear-algebra/matrix-product.js';
import { matrix, submatrix, transposed, type Matrix } from '../../../src/evaluation/linear-algebra/matrix.js';
import { deterministicTensor } from '../../golden/deterministic-weights.js';
import { uniform } from '../../golden/evaluation.js';

const at = ({ data, offset, rowStride, columnStride }: Matrix, i: number, j: number): number =>
  data[offset + i * rowStride + j * columnStride] ?? NaN;

/** The definition. */
function product(a: Matrix, b: Matrix): Float64Array {
  return Float64Array.from({ length: a.rows * b.columns }, (_, index) => {
    const [i, j] = [Math.floor(index / b.columns), index % b.columns];
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += at(a, i, k) * at(b, k, j);
    return sum;
  });
}

describe('addProduct', () => {
  // Tiles are 4 wide, blocks 256: sizes below, at and beyond both.
  it.each([
    [1, 1, 1],
    [3, 5, 2],
    [4, 4, 4],
    [17, 300, 9],
    [259, 7, 261],
    [256, 256, 256],
  ])('[%i, %i] times [.., %i] is the sum over k', (m, k, n) => {
    const [a, b, out] = [uniform('a', m, k), uniform('b', k, n), matrix(m, n)];
    addProduct(out, a, b);
    expect(out.data).toBeCloseToTensor(product(a, b), { atol: 1e-13 });
  });

  it('takes float32, transposed and partial matrices, scales, and adds to what is there', () => {
    const a = transposed(submatrix(matrix(40, 30, deterministicTensor('a', 1200, 1)), [3, 33], [5, 12]));
    const b = submatrix(uniform('b', 50, 20), [11, 41], [2, 19]);
    const whole = uniform('out', 20, 30);
    const before = whole.data.slice();
    addProduct(transposed(submatrix(whole, [1, 18], [4, 11])), a, b, -0.5);
    const expected = matrix(20, 30, before.slice());
    product(a, b).forEach((value, index) => {
      const [i, j] = [Math.floor(index / 17), index % 17];
      expected.data[(1 + j) * 30 + 4 + i] = (before[(1 + j) * 30 + 4 + i] ?? NaN) - 0.5 * value;
    });
    expect(whole.data).toBeCloseToTensor(expected.data, { atol: 1e-13 });
  });

  it('computes the lower triangle alone where that is enough', () => {
    const n = 300;
    const x = uniform('x', n, 5);
    const [lower, all] = [matrix(n, n), matrix(n, n)];
    addProduct(lower, x, transposed(x), 1, { lower: true });
    addProduct(all, x, transposed(x));
    const below = ({ data }: Matrix) => data.filter((_, index) => index % n <= Math.floor(index / n));
    expect(below(lower)).toBeCloseToTensor(below(all), {});
    expect(at(lower, 0, n - 1)).toBe(0);
  });

  it('refuses sizes that do not fit', () => {
    expect(() => {
      addProduct(matrix(2, 2), matrix(2, 3), matrix(2, 2));
    }).toThrow('as many columns on the left as rows on the right, got 3 and 2');
  });
});

it('shows every element of a product exactly once', () => {
  const [a, b] = [uniform('a', 300, 2), uniform('b', 2, 520)];
  const seen = matrix(300, 520);
  forEachProductBlock(a, b, ({ rowStart, rowEnd, columnStart, columnEnd, values, stride }) => {
    for (let i = rowStart; i < rowEnd; i++) {
      for (let j = columnStart; j < columnEnd; j++) {
        seen.data[i * 520 + j] =
          (seen.data[i * 520 + j] ?? NaN) + (values[(i - rowStart) * stride + j - columnStart] ?? NaN);
      }
    }
  });
  expect(seen.data).toBeCloseToTensor(product(a, b), { atol: 1e-15 });
});
