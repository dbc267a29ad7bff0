import type { Shape } from '../../utils/shape.js';
import type { DType } from '../tensor-type.js';
import { apply, type Tensor } from '../tensor.js';

/** A named value of the given shape, fed at run time. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor<'input'> {
  return apply('input', [], { name, dtype, shape });
}

/** A constant array; without a shape, a vector. */
export function constant(values: ArrayLike<number>, shape: Shape = [values.length]): Tensor {
  return apply('constant', [], { data: Float32Array.from(values), shape });
}

/** A constant of rank 0. */
export function scalar(value: number): Tensor {
  return constant([value], []);
}
