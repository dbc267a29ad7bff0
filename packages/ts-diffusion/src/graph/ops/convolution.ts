import { apply, type Tensor } from '../tensor.js';

/**
 * Convolutions with stride 1 and equal zero padding, of at most K - 1, on every side. Filters are arrays [O, K, K, I].
 * The three are each other's derivatives, so the set is closed under differentiation.
 */

/** Cross-correlation (as PyTorch's Conv2d) of x [N,I,H,W] with filter [O,K,K,I], plus bias [O]. */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  { bias, padding = 0 }: { bias?: Tensor; padding?: number } = {},
): Tensor {
  return apply('conv2d', bias ? [x, filter, bias] : [x, filter], { padding });
}

/** The gradient of `conv2d` with respect to its input, for the output's gradient dy [N,O,H',W']. */
export function conv2dInputGradient(dy: Tensor, filter: Tensor, padding: number): Tensor {
  return apply('conv2dInputGradient', [dy, filter], { padding });
}

/** The gradient of `conv2d` with respect to its filter, for the output's gradient dy [N,O,H',W']. */
export function conv2dFilterGradient(
  x: Tensor,
  dy: Tensor,
  { kernel, padding }: { kernel: number; padding: number },
): Tensor {
  return apply('conv2dFilterGradient', [x, dy], { kernel, padding });
}
