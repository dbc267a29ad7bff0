import { DataType } from '../../onnx/schema.js';
import { sameShape } from '../../utils/shape.js';
import type { Emission, EmittedValue } from '../emission.js';
import type { BinaryOperation, ElementwiseOperation, UnaryOperation } from '../operations.js';
import type { EmitRule, EmitRules } from './rule.js';
import { emitSeries } from './trigonometry.js';

/** An element-wise operator of two tensors that lie in memory in the same order. */
function binary(opType: string): EmitRule<BinaryOperation> {
  return (emission, node) => {
    const [a, b] = node.inputs;
    // Equal shapes need no particular view: keep the one the first operand has, so that operators fuse with their producer.
    if (sameShape(a.shape, b.shape)) {
      const first = emission.value(a);
      return { name: emission.node(opType, [first.name, emission.view(b, first.shape)]), shape: first.shape };
    }
    const withScalar = a.shape.length === 0 ? b : b.shape.length === 0 ? a : null;
    if (withScalar) {
      const shape = emission.value(withScalar).shape;
      return { name: emission.node(opType, [emission.value(a).name, emission.value(b).name]), shape };
    }
    return { name: emission.node(opType, [emission.view(a), emission.view(b)]), shape: emission.physicalShape(node) };
  };
}

/** An element-wise function of one tensor, in whatever order it lies in memory. */
function unary(emit: (emission: Emission, x: EmittedValue) => string): EmitRule<UnaryOperation | 'cast'> {
  return (emission, { inputs: [input] }) => {
    const x = emission.value(input);
    return { name: emit(emission, x), shape: x.shape };
  };
}

const operator = (opType: string): EmitRule<UnaryOperation> => unary((emission, x) => emission.node(opType, [x.name]));

/** Sigmoid(x), computed once for all that need it. */
function sigmoid(emission: Emission, x: EmittedValue): string {
  const emit = (): EmittedValue => ({ name: emission.node('Sigmoid', [x.name]), shape: x.shape });
  return emission.memo(`sigmoid ${x.name}`, emit).name;
}

const toFloat = (emission: Emission, name: string): string => emission.node('Cast', [name], { to: DataType.float32 });

function sign(emission: Emission, x: EmittedValue): string {
  if (emission.target.hasSign) return emission.node('Sign', [x.name]);
  const indicator = (comparison: string): string =>
    toFloat(emission, emission.node(comparison, [x.name, emission.scalar(0)]));
  return emission.node('Sub', [indicator('Greater'), indicator('Less')]);
}

const trigonometric = (opType: 'Sin' | 'Cos'): EmitRule<UnaryOperation> =>
  unary((emission, x) =>
    emission.target.hasAccurateTrigonometry ? emission.node(opType, [x.name]) : emitSeries(emission, x.name, opType),
  );

export const elementwiseEmission: EmitRules<ElementwiseOperation> = {
  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('Div'),
  greater: binary('Greater'),
  equal: binary('Equal'),
  cast: unary((emission, x) => toFloat(emission, x.name)),
  neg: operator('Neg'),
  exp: operator('Exp'),
  log: operator('Log'),
  sqrt: operator('Sqrt'),
  sin: trigonometric('Sin'),
  cos: trigonometric('Cos'),
  square: unary((emission, x) => emission.node('Mul', [x.name, x.name])),
  sigmoid: unary(sigmoid),
  silu: unary((emission, x) => emission.node('Mul', [x.name, sigmoid(emission, x)])),
  abs: operator('Abs'),
  relu: operator('Relu'),
  sign: unary(sign),
};
