import { slice, spaceToDepth, type Tensor } from '../graph/index.js';

/** x [N, C, H, W] without its last row or column where their number is odd: what a 2×2 window has no pair for. */
export function even(x: Tensor): Tensor {
  const [, , height = 0, width = 0] = x.shape;
  const rows = height % 2 === 0 ? x : slice(x, 2, 0, height - 1);
  return width % 2 === 0 ? rows : slice(rows, 3, 0, width - 1);
}

/** x [N, C, H, W] with 2×2 pixels folded into channels as often as it takes to make it no larger than `size`. */
export function folded(x: Tensor, size: number): Tensor {
  return (x.shape[2] ?? 0) <= size ? x : folded(spaceToDepth(even(x)), size);
}
