import { sizeOf } from '../../utils/shape.js';
import { apply, type Tensor } from '../tensor.js';
import { mul } from './elementwise.js';
import { scalar } from './source.js';

/** The sum over the given axes, which are dropped unless `keepDimensions`; an image stays one only if they are kept. */
export function reduceSum(x: Tensor, axes: readonly number[], { keepDimensions = false } = {}): Tensor {
  return apply('reduceSum', [x], { axes, keepDimensions });
}

/** The mean over all elements, of rank 0. */
export function mean(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return mul(reduceSum(x, axes), scalar(1 / sizeOf(x.shape)));
}

/** exp(x) / Σ exp(x) along the last axis of an array. */
export const softmax = (x: Tensor): Tensor => apply('softmax', [x], {});
