import { apply, type Tensor } from '../tensor.js';

/**
 * The matrix product of a [m, k] and b [k, n], each optionally given as its transpose; or those of two stacks of as many
 * matrices, [s, m, k] and [s, k, n].
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  return apply('matmul', [a, b], { transposeA, transposeB });
}
