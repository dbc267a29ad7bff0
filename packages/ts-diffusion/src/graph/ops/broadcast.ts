import type { TensorType } from '../tensor-type.js';
import { apply, type Tensor } from '../tensor.js';

/** Repeats `x`, along its dimensions of size 1 or as a scalar, to the type of `like`. */
export function broadcastLike(x: Tensor, like: TensorType): Tensor {
  return apply('broadcast', [x], { shape: like.shape, image: like.image });
}
