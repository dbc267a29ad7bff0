import type { Shape } from '../utils/shape.js';
import type { Attributes, Inputs, Operation } from './operations.js';
import { shapeRules } from './shape/rules.js';
import type { DType, TensorType } from './tensor-type.js';

let nextId = 0;

/** A node of the symbolic graph: immutable, with static shape and element type. */
class TensorNode<Op extends Operation> implements TensorType {
  /** Grows with creation, so that sorting by it is a topological order. */
  readonly id = nextId++;
  readonly type: TensorType;

  /** @throws ShapeError if the operation does not take such inputs */
  constructor(
    readonly op: Op,
    readonly inputs: Inputs<Tensor>[Op],
    readonly attributes: Attributes[Op],
  ) {
    this.type = shapeRules[op](inputs, attributes);
  }

  get shape(): Shape {
    return this.type.shape;
  }

  get dtype(): DType {
    return this.type.dtype;
  }

  get image(): boolean {
    return this.type.image;
  }

  /** The i-th input. @throws RangeError if there is none */
  input(index: number): Tensor {
    const tensor = (this.inputs as readonly Tensor[])[index];
    if (tensor === undefined) throw new RangeError(`${this.op} has no input ${index}`);
    return tensor;
  }
}

/**
 * The result of an operation on other tensors, which is computed when the lowered graph runs. `op` tells operations
 * apart: where it is known, so are the inputs and the attributes.
 */
export type Tensor<Op extends Operation = Operation> = Op extends Operation ? TensorNode<Op> : never;

/** The result of an operation. @throws ShapeError naming the operation and the shapes that it does not take */
export function apply<Op extends Operation>(
  op: Op,
  inputs: Inputs<Tensor>[Op],
  attributes: Attributes[Op],
): Tensor<Op> {
  return new TensorNode(op, inputs, attributes) as Tensor<Op>;
}
