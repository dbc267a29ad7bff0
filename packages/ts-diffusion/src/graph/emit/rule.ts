import type { Emission, EmittedValue } from '../emission.js';
import type { Operation } from '../operations.js';
import type { Tensor } from '../tensor.js';

/** Adds ONNX nodes that compute the tensor and says where it is. */
export type EmitRule<Op extends Operation> = (emission: Emission, node: Tensor<Op>) => EmittedValue;

export type EmitRules<Family extends Operation = Operation> = { readonly [Op in Family]: EmitRule<Op> };
