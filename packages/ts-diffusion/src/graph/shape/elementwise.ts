import type { BinaryOperation, ElementwiseOperation, UnaryOperation } from '../operations.js';
import { describe, requireFloat, ShapeError, type DType, type TensorType } from '../tensor-type.js';
import type { ShapeRule, ShapeRules } from './rule.js';

/** NumPy's broadcast of two shapes of the same rank, or of a shape and a scalar. Images broadcast with images and scalars. */
function broadcastTypes(operation: string, a: TensorType, b: TensorType, dtype: DType): TensorType {
  const fail = (): never => {
    throw new ShapeError(`${operation}: cannot combine ${describe(a)} and ${describe(b)}`);
  };
  if (a.dtype !== b.dtype) fail();
  if (a.shape.length === 0) return { shape: b.shape, dtype, image: b.image };
  if (b.shape.length === 0) return { shape: a.shape, dtype, image: a.image };
  if (a.image !== b.image || a.shape.length !== b.shape.length) fail();
  const shape = a.shape.map((x, axis) => {
    const y = b.shape[axis] ?? fail();
    return x === y || y === 1 ? x : x === 1 ? y : fail();
  });
  return { shape, dtype, image: a.image };
}

const unary =
  (op: UnaryOperation): ShapeRule<UnaryOperation> =>
  ([x]) =>
    requireFloat(op, x);

const arithmetic =
  (op: BinaryOperation): ShapeRule<BinaryOperation> =>
  ([a, b]) =>
    broadcastTypes(op, a, b, 'float32');

const comparison =
  (op: BinaryOperation): ShapeRule<BinaryOperation> =>
  ([a, b]) =>
    broadcastTypes(op, a, b, 'bool');

export const elementwiseShapes: ShapeRules<ElementwiseOperation> = {
  add: arithmetic('add'),
  sub: arithmetic('sub'),
  mul: arithmetic('mul'),
  div: arithmetic('div'),
  greater: comparison('greater'),
  equal: comparison('equal'),
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  sin: unary('sin'),
  cos: unary('cos'),
  square: unary('square'),
  sigmoid: unary('sigmoid'),
  silu: unary('silu'),
  abs: unary('abs'),
  relu: unary('relu'),
  sign: unary('sign'),
  cast: ([{ shape, image }]) => ({ shape, dtype: 'float32', image }),
};
