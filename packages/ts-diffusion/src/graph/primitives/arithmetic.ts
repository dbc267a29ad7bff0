import type { Emission, EmittedValue } from '../emission.js';
import type { Attributes, DType, Primitive, PrimitiveName, Shape, TensorType } from '../tensor.js';
import { apply, describe, sameShape, ShapeError, sizeOf, type Tensor } from '../tensor.js';
import { reshape, toImage } from './arrangement.js';
import { scalar } from './source.js';
import { emitSeries } from './trigonometry.js';

type NoAttributes = Record<string, never>;

/**
 * What `x` repeats, if it was broadcast to the type of `other`: the operator that combines the two repeats it anyway, and
 * without writing the copies to memory.
 */
function withoutBroadcast(x: Tensor, other: TensorType): Tensor {
  return x.primitive.name === 'broadcast' && sameShape(x.shape, other.shape) ? x.input(0) : x;
}

/** NumPy's broadcast of two shapes of the same rank, or of a shape and a scalar. Images broadcast with images and scalars. */
function broadcastTypes(operation: string, a: Tensor, b: Tensor, dtype: DType): TensorType {
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

/** An element-wise operator of two tensors that lie in memory in the same order. */
function emitBinary(opType: string): (emission: Emission, node: Tensor<NoAttributes>) => EmittedValue {
  return (emission, node) => {
    const [a, b] = [node.input(0), node.input(1)];
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

/** An element-wise operator of one tensor. */
function emitUnary(opType: string): (emission: Emission, node: Tensor<NoAttributes>) => EmittedValue {
  return (emission, node) => {
    const x = emission.value(node.input(0));
    return { name: emission.node(opType, [x.name]), shape: x.shape };
  };
}

/** Sigmoid(x), computed once for all that need it. */
export function emitSigmoid(emission: Emission, x: EmittedValue): EmittedValue {
  return emission.memo(`sigmoid ${x.name}`, () => ({ name: emission.node('Sigmoid', [x.name]), shape: x.shape }));
}

/** Sums a gradient over the axes along which its tensor was broadcast. */
function sumToType(gradient: Tensor, { shape }: TensorType): Tensor {
  const keepDimensions = shape.length > 0;
  const axes = gradient.shape.flatMap((dimension, axis) =>
    !keepDimensions || (dimension !== 1 && shape[axis] === 1) ? [axis] : [],
  );
  return axes.length === 0 ? gradient : reduceSum(gradient, axes, { keepDimensions });
}

type BinaryGradient = (a: Tensor, b: Tensor, gradient: Tensor, output: Tensor) => readonly [Tensor, Tensor];

function binary(name: PrimitiveName, opType: string, gradientRule: BinaryGradient): Primitive<NoAttributes> {
  return {
    name,
    infer: ([a, b]) => broadcastTypes(name, a as Tensor, b as Tensor, 'float32'),
    emit: emitBinary(opType),
    gradient: (node, dy) => {
      const [a, b] = [node.input(0), node.input(1)];
      const [da, db] = gradientRule(a, b, dy, node);
      return [sumToType(da, a), sumToType(db, b)];
    },
  };
}

function unary(
  name: PrimitiveName,
  opType: string,
  gradientRule: (x: Tensor, gradient: Tensor, output: Tensor) => Tensor,
): Primitive<NoAttributes> {
  return {
    name,
    infer: ([x]) => requireFloat(name, x as Tensor),
    emit: emitUnary(opType),
    gradient: (node, dy) => [gradientRule(node.input(0), dy, node)],
  };
}

function trigonometric(
  name: 'sin' | 'cos',
  opType: string,
  gradientRule: (x: Tensor, gradient: Tensor) => Tensor,
): Primitive<NoAttributes> {
  const primitive = unary(name, opType, gradientRule);
  return {
    ...primitive,
    emit: (emission, node) =>
      emission.target.hasAccurateTrigonometry
        ? primitive.emit(emission, node)
        : emitSeries(emission, emission.value(node.input(0)), name),
  };
}

export function requireFloat(operation: string, x: Tensor): TensorType {
  if (x.dtype !== 'float32') throw new ShapeError(`${operation}: expected float32, got ${describe(x)}`);
  return { shape: x.shape, dtype: x.dtype, image: x.image };
}

export const addPrimitive = binary('add', 'Add', (_a, _b, dy) => [dy, dy]);
export const subPrimitive = binary('sub', 'Sub', (_a, _b, dy) => [dy, neg(dy)]);
export const mulPrimitive = binary('mul', 'Mul', (a, b, dy) => [mul(dy, b), mul(dy, a)]);
export const divPrimitive = binary('div', 'Div', (_a, b, dy, y) => {
  const da = div(dy, b);
  return [da, neg(mul(da, y))];
});

export const negPrimitive = unary('neg', 'Neg', (_x, dy) => neg(dy));
export const expPrimitive = unary('exp', 'Exp', (_x, dy, y) => mul(dy, y));
export const logPrimitive = unary('log', 'Log', (x, dy) => div(dy, x));
export const sqrtPrimitive = unary('sqrt', 'Sqrt', (_x, dy, y) => div(mul(dy, scalar(0.5)), y));
export const sinPrimitive = trigonometric('sin', 'Sin', (x, dy) => mul(dy, cos(x)));
export const cosPrimitive = trigonometric('cos', 'Cos', (x, dy) => neg(mul(dy, sin(x))));
export const squarePrimitive: Primitive<NoAttributes> = {
  name: 'square',
  infer: ([x]) => requireFloat('square', x as Tensor),
  emit: (emission, node) => {
    const x = emission.value(node.input(0));
    return { name: emission.node('Mul', [x.name, x.name]), shape: x.shape };
  },
  // 2 · dy first: a gradient that is still to be broadcast is the small factor.
  gradient: (node, dy) => [mul(mul(withoutBroadcast(dy, node), scalar(2)), node.input(0))],
};
export const sigmoidPrimitive: Primitive<NoAttributes> = {
  ...unary('sigmoid', 'Sigmoid', (_x, dy, y) => mul(dy, mul(y, sub(scalar(1), y)))),
  emit: (emission, node) => emitSigmoid(emission, emission.value(node.input(0))),
};
export const absPrimitive = unary('abs', 'Abs', (x, dy) => mul(dy, sign(x)));
/** The derivative at 0 is 0, as in PyTorch. */
export const reluPrimitive = unary('relu', 'Relu', (_x, dy, y) => mul(dy, cast(greater(y, scalar(0)))));

export const signPrimitive: Primitive<NoAttributes> = {
  name: 'sign',
  infer: ([x]) => requireFloat('sign', x as Tensor),
  emit: (emission, node) => {
    if (emission.target.hasSign) return emitUnary('Sign')(emission, node);
    const x = emission.value(node.input(0));
    const indicator = (comparison: string): string =>
      emission.node('Cast', [emission.node(comparison, [x.name, emission.scalar(0)])], { to: ONNX_FLOAT });
    return { name: emission.node('Sub', [indicator('Greater'), indicator('Less')]), shape: x.shape };
  },
  gradient: () => [null],
};

function comparison(name: PrimitiveName, opType: string): Primitive<NoAttributes> {
  return {
    name,
    infer: ([a, b]) => ({ ...broadcastTypes(name, a as Tensor, b as Tensor, 'bool') }),
    emit: emitBinary(opType),
    gradient: () => [null, null],
  };
}

export const greaterPrimitive = comparison('greater', 'Greater');
export const equalPrimitive = comparison('equal', 'Equal');

/** TensorProto.DataType of ONNX. */
const ONNX_FLOAT = 1;

/** bool or int64 to float32: false is 0, true is 1. */
export const castPrimitive: Primitive<NoAttributes> = {
  name: 'cast',
  infer: ([x]) => ({ shape: (x as Tensor).shape, dtype: 'float32', image: (x as Tensor).image }),
  emit: (emission, node) => {
    const x = emission.value(node.input(0));
    return { name: emission.node('Cast', [x.name], { to: ONNX_FLOAT }), shape: x.shape };
  },
  gradient: () => [null],
};

interface ReduceAttributes extends Attributes {
  readonly axes: readonly number[];
  readonly keepDimensions: boolean;
}

/**
 * Runs of neighbouring axes that are all reduced or all kept, merged into one: the fewer axes, the faster the reduction.
 * A kept axis 0 stays apart, because it may be a symbolic batch.
 */
function mergeRuns(shape: Shape, reduced: readonly boolean[]): { sizes: number[]; reducedAxes: number[] } {
  const sizes: number[] = [];
  const flags: boolean[] = [];
  shape.forEach((dimension, axis) => {
    const flag = reduced[axis] ?? false;
    const apart = axis === 1 && !flag;
    if (flags.at(-1) === flag && !apart) sizes[sizes.length - 1] = (sizes.at(-1) ?? 1) * dimension;
    else {
      sizes.push(dimension);
      flags.push(flag);
    }
  });
  return { sizes, reducedAxes: flags.flatMap((flag, axis) => (flag ? [axis] : [])) };
}

export const reduceSumPrimitive: Primitive<ReduceAttributes> = {
  name: 'reduceSum',
  infer: ([input], { axes, keepDimensions }) => {
    const x = input as Tensor;
    if (axes.length === 0 || axes.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= x.shape.length)) {
      throw new ShapeError(`reduceSum: axes [${axes.join(',')}] do not exist in ${describe(x)}`);
    }
    requireFloat('reduceSum', x);
    const shape = keepDimensions
      ? x.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    return { shape, dtype: 'float32', image: x.image && keepDimensions };
  },
  emit: (emission, node) => {
    const x = node.input(0);
    const { axes } = node.attributes;
    const order = emission.axisOrder(x);
    const physical = emission.physicalShape(x);
    const { sizes, reducedAxes } = mergeRuns(
      physical,
      order.map((axis) => axes.includes(axis)),
    );
    const name = emission.node('ReduceSum', [emission.view(x, sizes), emission.ints(reducedAxes)], { keepdims: 0 });
    const keptAxes = order.filter((axis) => !axes.includes(axis));
    const value = { name, shape: sizes.filter((_, axis) => !reducedAxes.includes(axis)) };
    if (node.image) return value;
    // What is left of an image becomes an array: its axes go back to their logical order.
    const sorted = [...keptAxes].sort((p, q) => p - q);
    if (sorted.every((axis, position) => axis === keptAxes[position])) return value;
    const kept = keptAxes.map((axis) => x.shape[axis] ?? 1);
    return emission.transpose(
      emission.viewValue(value, kept),
      sorted.map((axis) => keptAxes.indexOf(axis)),
    );
  },
  gradient: (node, dy) => {
    const x = node.input(0);
    if (node.attributes.keepDimensions || node.shape.length === 0) return [broadcastLike(dy, x)];
    const kept = reshape(
      dy,
      x.shape.map((dimension, axis) => (node.attributes.axes.includes(axis) ? 1 : dimension)),
    );
    return [broadcastLike(x.image ? toImage(kept) : kept, x)];
  },
};

interface BroadcastAttributes extends Attributes {
  readonly shape: Shape;
  readonly image: boolean;
}

/** Repeats dimensions of size 1, or a scalar, to fill a shape. */
export const broadcastPrimitive: Primitive<BroadcastAttributes> = {
  name: 'broadcast',
  infer: ([input], { shape, image }) => {
    const x = input as Tensor;
    const fits =
      x.shape.length === 0 ||
      (x.image === image &&
        x.shape.length === shape.length &&
        x.shape.every((dimension, axis) => dimension === 1 || dimension === shape[axis]));
    if (!fits) throw new ShapeError(`broadcast: ${describe(x)} does not fit [${shape.join(',')}]`);
    return { ...requireFloat('broadcast', x), shape, image };
  },
  emit: (emission, node) => {
    const shape = emission.physicalShape(node);
    return { name: emission.node('Expand', [emission.view(node.input(0)), emission.ints(shape)]), shape };
  },
  gradient: (node, dy) => [sumToType(dy, node.input(0))],
};

function combine(primitive: Primitive<NoAttributes>, a: Tensor, b: Tensor): Tensor {
  const left = withoutBroadcast(a, b);
  return apply(primitive, [left, left === a ? withoutBroadcast(b, a) : b], {});
}

export const add = (a: Tensor, b: Tensor): Tensor => combine(addPrimitive, a, b);
export const sub = (a: Tensor, b: Tensor): Tensor => combine(subPrimitive, a, b);
export const mul = (a: Tensor, b: Tensor): Tensor => combine(mulPrimitive, a, b);
export const div = (a: Tensor, b: Tensor): Tensor => combine(divPrimitive, a, b);
export const square = (x: Tensor): Tensor => apply(squarePrimitive, [x], {});
export const neg = (x: Tensor): Tensor => apply(negPrimitive, [x], {});
export const exp = (x: Tensor): Tensor => apply(expPrimitive, [x], {});
export const log = (x: Tensor): Tensor => apply(logPrimitive, [x], {});
export const sqrt = (x: Tensor): Tensor => apply(sqrtPrimitive, [x], {});
export const sin = (x: Tensor): Tensor => apply(sinPrimitive, [x], {});
export const cos = (x: Tensor): Tensor => apply(cosPrimitive, [x], {});
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidPrimitive, [x], {});
export const abs = (x: Tensor): Tensor => apply(absPrimitive, [x], {});
export const relu = (x: Tensor): Tensor => apply(reluPrimitive, [x], {});
export const sign = (x: Tensor): Tensor => apply(signPrimitive, [x], {});
export const greater = (a: Tensor, b: Tensor): Tensor => apply(greaterPrimitive, [a, b], {});
export const equal = (a: Tensor, b: Tensor): Tensor => apply(equalPrimitive, [a, b], {});
export const cast = (x: Tensor): Tensor => apply(castPrimitive, [x], {});

/** The sum over the given axes, which are dropped unless `keepDimensions`; an image stays one only if they are kept. */
export function reduceSum(x: Tensor, axes: readonly number[], { keepDimensions = false } = {}): Tensor {
  return apply(reduceSumPrimitive, [x], { axes, keepDimensions });
}

/** The mean over all elements, of rank 0. */
export function mean(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return mul(reduceSum(x, axes), scalar(1 / sizeOf(x.shape)));
}

/** Repeats `x` to the type of `like`. */
export function broadcastLike(x: Tensor, like: TensorType): Tensor {
  return apply(broadcastPrimitive, [x], { shape: like.shape, image: like.image });
}
