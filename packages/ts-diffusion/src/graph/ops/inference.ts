import type { Extent, WindowAttributes } from '../operations.js';
import { apply, type Tensor } from '../tensor.js';

/**
 * What networks trained elsewhere need and no training here does: windows of any size and stride, and bilinear resizing.
 * They work on arrays [N, C, H, W] and have no gradient.
 */

/** How a window moves over an image. */
export interface SlidingWindow {
  readonly kernel: Extent;
  /** Default 1, in both directions. */
  readonly stride?: number;
  /** Rows above and below, columns left and right. Default none. */
  readonly padding?: Extent;
}

function withDefaults({ kernel, stride = 1, padding = [0, 0] }: SlidingWindow): WindowAttributes {
  return { kernel, stride, padding };
}

/** Cross-correlation of x [N,I,H,W] with filter [O,I,KH,KW] (PyTorch's order), plus bias [O]. Inference only. */
export function stridedConv2d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor,
  options: Omit<SlidingWindow, 'kernel'> = {},
): Tensor {
  const [kh, kw] = filter.shape.slice(2) as [number, number];
  return apply('stridedConv2d', [x, filter, bias], withDefaults({ kernel: [kh, kw], ...options }));
}

/** Maxima of windows of x [N,C,H,W]. Inference only. */
export const maxPool2d = (x: Tensor, window: SlidingWindow): Tensor => apply('maxPool2d', [x], withDefaults(window));

/** Means of windows of x [N,C,H,W], over the pixels only: padding does not count. Inference only. */
export const averagePool2d = (x: Tensor, window: SlidingWindow): Tensor =>
  apply('averagePool2d', [x], withDefaults(window));

/**
 * Bilinear interpolation of x [N,C,H,W] to [N,C,...size], pixels seen as unit squares, the border repeated, without
 * antialiasing: PyTorch's `interpolate(mode='bilinear', align_corners=False)`. Inference only.
 */
export const resizeBilinear = (x: Tensor, size: Extent): Tensor => apply('resizeBilinear', [x], { size });
