import type { Attributes, Inputs, Operation } from '../operations.js';
import type { TensorType } from '../tensor-type.js';

/** The output's type for the types of the inputs. @throws ShapeError naming the operation and the shapes */
export type ShapeRule<Op extends Operation> = (
  inputs: Inputs<TensorType>[Op],
  attributes: Attributes[Op],
) => TensorType;

export type ShapeRules<Family extends Operation = Operation> = { readonly [Op in Family]: ShapeRule<Op> };
