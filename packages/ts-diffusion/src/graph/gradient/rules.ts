import { filterShape } from '../convolution-geometry.js';
import type { Inputs, Operation } from '../operations.js';
import { pad, reshape, slice, toArray, toImage, transpose } from '../ops/arrangement.js';
import { broadcastLike } from '../ops/broadcast.js';
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from '../ops/convolution.js';
import { add, cast, cos, div, equal, greater, mul, neg, sigmoid, sign, sin, sub } from '../ops/elementwise.js';
import { matmul } from '../ops/matmul.js';
import { reduceSum } from '../ops/reduction.js';
import { depthToSpace, spaceToDepth } from '../ops/folding.js';
import { maxPoolGradient, sumPool, upsampleNearest } from '../ops/resampling.js';
import { scalar } from '../ops/source.js';
import { withoutBroadcast } from '../ops/without-broadcast.js';
import { describe, ShapeError, type TensorType } from '../tensor-type.js';
import type { Tensor } from '../tensor.js';

/**
 * The vector-Jacobian product of an operation: for its output y and the gradient dy of the loss with respect to y, the
 * gradient with respect to each input, `null` where y is piecewise constant in that input. What nobody asks for is never
 * emitted.
 */
export type GradientRule<Op extends Operation> = (y: Tensor<Op>, dy: Tensor) => Inputs<Tensor | null>[Op];

/** The rule of operations that nothing trained contains. @throws ShapeError always */
export function inferenceOnly(y: Tensor): never {
  throw new ShapeError(`gradients: ${y.op} of ${describe(y)} is for inference only`);
}

/** How gradients flow back through every operation. */
export const gradientRules: { readonly [Op in Operation]: GradientRule<Op> } = {
  input: () => [],
  constant: () => [],

  add: ({ inputs }, dy) => sumToTypes([dy, dy], inputs),
  sub: ({ inputs }, dy) => sumToTypes([dy, neg(dy)], inputs),
  mul: ({ inputs: [a, b] }, dy) => sumToTypes([mul(dy, b), mul(dy, a)], [a, b]),
  div: (y, dy) => {
    const da = div(dy, y.inputs[1]);
    return sumToTypes([da, neg(mul(da, y))], y.inputs);
  },
  greater: () => [null, null],
  equal: () => [null, null],
  cast: () => [null],

  neg: (_y, dy) => [neg(dy)],
  exp: (y, dy) => [mul(dy, y)],
  log: ({ inputs: [x] }, dy) => [div(dy, x)],
  sqrt: (y, dy) => [div(mul(dy, scalar(0.5)), y)],
  sin: ({ inputs: [x] }, dy) => [mul(dy, cos(x))],
  cos: ({ inputs: [x] }, dy) => [neg(mul(dy, sin(x)))],
  // 2 · dy first: a gradient that is still to be broadcast is the small factor.
  square: (y, dy) => [mul(mul(withoutBroadcast(dy, y), scalar(2)), y.inputs[0])],
  sigmoid: (y, dy) => [mul(dy, mul(y, sub(scalar(1), y)))],
  // σ + y (1 − σ) is a node less than what the product rule gives.
  silu: (y, dy) => {
    const s = sigmoid(y.inputs[0]);
    return [mul(dy, add(s, mul(y, sub(scalar(1), s))))];
  },
  // The derivatives of |x| and of ReLU at 0 are 0, as in PyTorch.
  abs: ({ inputs: [x] }, dy) => [mul(dy, sign(x))],
  relu: (y, dy) => [mul(dy, cast(greater(y, scalar(0))))],
  sign: () => [null],

  reduceSum: ({ inputs: [x], attributes: { axes, keepDimensions }, shape }, dy) => {
    if (keepDimensions || shape.length === 0) return [broadcastLike(dy, x)];
    const keptShape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const kept = reshape(dy, keptShape);
    return [broadcastLike(x.image ? toImage(kept) : kept, x)];
  },
  softmax: (y, dy) => {
    const weighted = mul(dy, y);
    const total = reduceSum(weighted, [y.shape.length - 1], { keepDimensions: true });
    return [sub(weighted, mul(y, total))];
  },
  broadcast: ({ inputs: [x] }, dy) => [sumToType(dy, x)],

  reshape: ({ inputs: [x] }, dy) => [reshape(dy, x.shape)],
  transpose: ({ attributes: { permutation } }, dy) => {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(dy, inverse)];
  },
  toImage: (_y, dy) => [toArray(dy)],
  toArray: (_y, dy) => [toImage(dy)],
  slice: ({ inputs: [x], attributes: { axis, start, end } }, dy) => [
    pad(dy, axis, start, (x.shape[axis] ?? end) - end),
  ],
  pad: ({ inputs: [x], attributes: { axis, before } }, dy) => [slice(dy, axis, before, before + (x.shape[axis] ?? 0))],
  concat: ({ inputs, attributes: { axis } }, dy) => {
    let start = 0;
    return inputs.map((x) => slice(dy, axis, start, (start += x.shape[axis] ?? 0)));
  },

  matmul: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, dy) => [
    transposeA
      ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
      : matmul(dy, b, { transposeB: !transposeB }),
    transposeB
      ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, dy, { transposeA: !transposeA }),
  ],

  // The three convolutions are each other's derivatives.
  conv2d: ({ inputs: [x, filter, bias], attributes: { padding } }, dy) => {
    const [, kernel] = filterShape('conv2d', filter);
    const dx = conv2dInputGradient(dy, filter, padding);
    const dFilter = conv2dFilterGradient(x, dy, { kernel, padding });
    return bias ? [dx, dFilter, reduceSum(dy, [0, 2, 3])] : [dx, dFilter];
  },
  conv2dInputGradient: ({ inputs: [dy, filter], attributes: { padding } }, gradient) => {
    const [, kernel] = filterShape('conv2dInputGradient', filter);
    return [conv2d(gradient, filter, { padding }), conv2dFilterGradient(gradient, dy, { kernel, padding })];
  },
  conv2dFilterGradient: ({ inputs: [x, dy], attributes: { padding } }, gradient) => [
    conv2dInputGradient(dy, gradient, padding),
    conv2d(x, gradient, { padding }),
  ],

  maxPool2x2: (y, dy) => [maxPoolGradient(y.inputs[0], y, dy)],
  maxPool2x2Gradient: ({ inputs: [x, y] }, gradient) => {
    const mask = cast(equal(x, upsampleNearest(y)));
    return [null, null, div(sumPool(mul(gradient, mask)), sumPool(mask))];
  },
  sumPool2x2: (_y, dy) => [upsampleNearest(dy)],
  upsampleNearest2x: (_y, dy) => [sumPool(dy)],
  depthToSpace: ({ attributes: { factor } }, dy) => [spaceToDepth(dy, factor)],
  spaceToDepth: ({ attributes: { factor } }, dy) => [depthToSpace(dy, factor)],

  stridedConv2d: inferenceOnly,
  maxPool2d: inferenceOnly,
  averagePool2d: inferenceOnly,
  resizeBilinear: inferenceOnly,
};

/** Sums a gradient over the axes along which its tensor was broadcast. */
function sumToType(gradient: Tensor, { shape }: TensorType): Tensor {
  const keepDimensions = shape.length > 0;
  const axes = gradient.shape.flatMap((extent, axis) =>
    !keepDimensions || (extent !== 1 && shape[axis] === 1) ? [axis] : [],
  );
  return axes.length === 0 ? gradient : reduceSum(gradient, axes, { keepDimensions });
}

/** The same for both inputs of a binary operation. */
function sumToTypes(
  [da, db]: readonly [Tensor, Tensor],
  [a, b]: readonly [TensorType, TensorType],
): readonly [Tensor, Tensor] {
  return [sumToType(da, a), sumToType(db, b)];
}
