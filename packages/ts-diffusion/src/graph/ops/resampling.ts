import { apply, type Tensor } from '../tensor.js';

/** Maxima of 2×2 windows, stride 2: [N, C, 2H, 2W] -> [N, C, H, W]. */
export const maxPool = (x: Tensor): Tensor => apply('maxPool2x2', [x], {});

/**
 * The gradient of `maxPool` at x with maxima y, for the output's gradient dy: dy where x equals the maximum of its window,
 * else 0. Elements that tie share dy equally: in the flat parts of an image whole windows do.
 */
export function maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor): Tensor {
  return apply('maxPool2x2Gradient', [x, y, dy], {});
}

/** Sums of 2×2 windows: [N, C, 2H, 2W] -> [N, C, H, W]. */
export const sumPool = (x: Tensor): Tensor => apply('sumPool2x2', [x], {});

/** Each pixel repeated in a 2×2 window: [N, C, H, W] -> [N, C, 2H, 2W]. */
export const upsampleNearest = (x: Tensor): Tensor => apply('upsampleNearest2x', [x], {});
