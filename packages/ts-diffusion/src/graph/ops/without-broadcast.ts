import { sameShape } from '../../utils/shape.js';
import type { TensorType } from '../tensor-type.js';
import type { Tensor } from '../tensor.js';

/**
 * What `x` repeats, if it was broadcast to the type of `other`: the operator that combines the two repeats it anyway, and
 * without writing the copies to memory.
 */
export function withoutBroadcast(x: Tensor, other: TensorType): Tensor {
  return x.op === 'broadcast' && sameShape(x.shape, other.shape) ? x.inputs[0] : x;
}
