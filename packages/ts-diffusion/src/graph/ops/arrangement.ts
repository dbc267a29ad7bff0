import type { Shape } from '../../utils/shape.js';
import { apply, type Tensor } from '../tensor.js';

/** The same elements in row-major order under another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return apply('reshape', [x], { shape });
}

/** Axis i of the result is axis permutation[i] of x. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return apply('transpose', [x], { permutation });
}

/** An array [N, C, H, W] becomes an image batch. In a layout other than NCHW this copies. */
export function toImage(x: Tensor): Tensor {
  return apply('toImage', [x], {});
}

/** An image batch becomes an array [N, C, H, W]. In a layout other than NCHW this copies. */
export function toArray(x: Tensor): Tensor {
  return apply('toArray', [x], {});
}

/** Elements start..end-1 of one (logical) axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  return apply('slice', [x], { axis, start, end });
}

/** Zeros before and after, along one (logical) axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  return apply('pad', [x], { axis, before, after });
}

/** The inputs one after the other, along one (logical) axis. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  return apply('concat', inputs, { axis });
}
