import { ConstantValue } from '../emission.js';
import type { Attributes, DType, Primitive, Shape, TensorType } from '../tensor.js';
import { apply, ShapeError, sizeOf, type Tensor } from '../tensor.js';

interface InputAttributes extends Attributes {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A value fed at run time. Its emission is its name: the lowering declares the graph's inputs. */
export const inputPrimitive: Primitive<InputAttributes> = {
  name: 'input',
  infer: (_inputs, { dtype, shape }): TensorType => ({ shape, dtype, image: false }),
  emit: (_emission, node) => ({ name: node.attributes.name, shape: node.shape }),
  gradient: () => [],
};

interface ConstantAttributes extends Attributes {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** Numbers that are part of the graph. */
export const constantPrimitive: Primitive<ConstantAttributes> = {
  name: 'constant',
  infer: (_inputs, { data, shape }): TensorType => {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`constant: ${data.length} numbers do not fill the shape [${shape.join(',')}]`);
    }
    return { shape, dtype: 'float32', image: false };
  },
  emit: ({ builder }, { attributes: { data, shape } }) => new ConstantValue(builder, data, shape),
  gradient: () => [],
};

/** A named value of the given shape, fed at run time. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return apply(inputPrimitive, [], { name, shape, dtype });
}

/** A constant array; without a shape, a vector. */
export function constant(values: ArrayLike<number>, shape: Shape = [values.length]): Tensor {
  return apply(constantPrimitive, [], { data: Float32Array.from(values), shape });
}

/** A constant of rank 0. */
export function scalar(value: number): Tensor {
  return constant([value], []);
}
