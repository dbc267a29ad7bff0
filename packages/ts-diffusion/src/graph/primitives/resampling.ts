import type { Emission, EmittedValue } from '../emission.js';
import type { Primitive, Shape, TensorType } from '../tensor.js';
import { apply, describe, imageShape, ShapeError, type Tensor } from '../tensor.js';
import { cast, div, equal, mul } from './arithmetic.js';

type NoAttributes = Record<string, never>;

/** [N, C, 2H, 2W] -> [N, C, H, W]. */
function halved(operation: string, x: Tensor): TensorType {
  const [n, c, h, w] = imageShape(operation, x);
  if (h % 2 !== 0 || w % 2 !== 0) throw new ShapeError(`${operation}: height and width of ${describe(x)} must be even`);
  return { shape: [n, c, h / 2, w / 2], dtype: 'float32', image: true };
}

function doubled(operation: string, x: Tensor): TensorType {
  const [n, c, h, w] = imageShape(operation, x);
  return { shape: [n, c, 2 * h, 2 * w], dtype: 'float32', image: true };
}

/**
 * The 2×2 windows of a large image in memory order, [outer, H, 2, W, 2, inner], and of a small one, where 1 stands for 2.
 * The window axes are 2 and 4.
 */
function windowShape(emission: Emission, small: TensorType, side: 1 | 2): Shape {
  const [n, c, h, w] = imageShape('window', small);
  const [outer, inner] = emission.batchInnermost ? [c, n] : [n * c, 1];
  return [outer, h, side, w, side, inner];
}

/** Sums over the windows of `large`, in the given window shape: one axis at a time, which is the faster way. */
function windowSums(emission: Emission, large: EmittedValue, small: Shape): string {
  const [outer = 1, h = 1, , w = 1, , inner = 1] = small;
  const sumPairs = (value: EmittedValue, shape: Shape): string =>
    emission.node('ReduceSum', [emission.viewValue(value, shape).name, emission.ints([1])], { keepdims: 0 });
  const rows = { name: sumPairs(large, [outer * h * 2 * w, 2, inner]), shape: [outer * h * 2 * w, inner] };
  const sums = { name: sumPairs(rows, [outer * h, 2, w * inner]), shape: [outer * h, w * inner] };
  return emission.viewValue(sums, small).name;
}

export const maxPoolPrimitive: Primitive<NoAttributes> = {
  name: 'maxPool2x2',
  infer: ([x]) => halved('maxPool2x2', x as Tensor),
  emit: (emission, node) => {
    const x = node.input(0);
    const shape = emission.physicalShape(node);
    if (!emission.batchInnermost) {
      const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
      return { name: emission.node('MaxPool', [emission.view(x)], attributes), shape };
    }
    const [n, c, h, w] = imageShape('maxPool2x2', node);
    const pairMaximum = (name: string): string => {
      const halves = emission.builder.node('Split', [name, emission.ints([1, 1])], { axis: 1 }, 2);
      return emission.node('Max', halves);
    };
    const overRows = { name: pairMaximum(emission.view(x, [c * h, 2, 2 * w * n])), shape: [c * h, 1, 2 * w * n] };
    const pairs = emission.viewValue(overRows, [c * h * w, 2, n]).name;
    return { name: pairMaximum(pairs), shape: [c * h * w, 1, n] };
  },
  gradient: (node, dy) => [maxPoolGradient(node.input(0), node, dy)],
};

/**
 * dy where x equals the maximum y of its window, else 0. Elements that tie share dy equally: in the flat parts of an image
 * whole windows do.
 */
export const maxPoolGradientPrimitive: Primitive<NoAttributes> = {
  name: 'maxPool2x2Gradient',
  infer: ([x]) => {
    halved('maxPool2x2Gradient', x as Tensor);
    return { shape: (x as Tensor).shape, dtype: 'float32', image: true };
  },
  emit: (emission, node) => {
    const [x, y, dy] = [node.input(0), node.input(1), node.input(2)];
    const [large, small] = [windowShape(emission, y, 2), windowShape(emission, y, 1)];
    const isMaximum = emission.node('Equal', [emission.view(x, large), emission.view(y, small)]);
    const mask = { name: emission.node('Cast', [isMaximum], { to: 1 }), shape: large };
    const share = emission.node('Div', [emission.view(dy, small), windowSums(emission, mask, small)]);
    return { name: emission.node('Mul', [mask.name, share]), shape: large };
  },
  gradient: (node, gradient) => {
    const [x, y] = [node.input(0), node.input(1)];
    const mask = cast(equal(x, upsampleNearest(y)));
    return [null, null, div(sumPool(mul(gradient, mask)), sumPool(mask))];
  },
};

/** Sums of 2×2 windows. */
export const sumPoolPrimitive: Primitive<NoAttributes> = {
  name: 'sumPool2x2',
  infer: ([x]) => halved('sumPool2x2', x as Tensor),
  emit: (emission, node) => {
    const shape = windowShape(emission, node, 1);
    return { name: windowSums(emission, emission.value(node.input(0)), shape), shape };
  },
  gradient: (_node, dy) => [upsampleNearest(dy)],
};

/** Each pixel repeated in a 2×2 window. */
export const upsampleNearestPrimitive: Primitive<NoAttributes> = {
  name: 'upsampleNearest2x',
  infer: ([x]) => doubled('upsampleNearest2x', x as Tensor),
  emit: (emission, node) => {
    const x = node.input(0);
    const shape = windowShape(emission, x, 2);
    const name = emission.node('Expand', [emission.view(x, windowShape(emission, x, 1)), emission.ints(shape)]);
    return { name, shape };
  },
  gradient: (_node, dy) => [sumPool(dy)],
};

/** Channels (c, row, column) -> pixels: [N, 4C, H, W] -> [N, C, 2H, 2W], as PyTorch's PixelShuffle(2). */
export const depthToSpacePrimitive: Primitive<NoAttributes> = {
  name: 'depthToSpace2x',
  infer: ([input]) => {
    const x = input as Tensor;
    const [n, c, h, w] = imageShape('depthToSpace2x', x);
    if (c % 4 !== 0) throw new ShapeError(`depthToSpace2x: channels of ${describe(x)} must be a multiple of 4`);
    return { shape: [n, c / 4, 2 * h, 2 * w], dtype: 'float32', image: true };
  },
  emit: (emission, node) => {
    const x = node.input(0);
    const [n, c, h, w] = imageShape('depthToSpace2x', x);
    const shape = emission.batchInnermost ? [c / 4, 2, 2, h, w, n] : [n, c / 4, 2, 2, h, w];
    const permutation = emission.batchInnermost ? [0, 3, 1, 4, 2, 5] : [0, 1, 4, 2, 5, 3];
    return emission.transpose(emission.viewValue(emission.value(x), shape), permutation);
  },
  gradient: (_node, dy) => [spaceToDepth(dy)],
};

/** The inverse of depthToSpace: [N, C, 2H, 2W] -> [N, 4C, H, W]. */
export const spaceToDepthPrimitive: Primitive<NoAttributes> = {
  name: 'spaceToDepth2x',
  infer: ([x]) => {
    const [n = 1, c = 1, h = 1, w = 1] = halved('spaceToDepth2x', x as Tensor).shape;
    return { shape: [n, 4 * c, h, w], dtype: 'float32', image: true };
  },
  emit: (emission, node) => {
    const x = node.input(0);
    const [n, c, height, width] = imageShape('spaceToDepth2x', x);
    const [h, w] = [height / 2, width / 2];
    const shape = emission.batchInnermost ? [c, h, 2, w, 2, n] : [n, c, h, 2, w, 2];
    const permutation = emission.batchInnermost ? [0, 2, 4, 1, 3, 5] : [0, 1, 3, 5, 2, 4];
    return emission.transpose(emission.viewValue(emission.value(x), shape), permutation);
  },
  gradient: (_node, dy) => [depthToSpace(dy)],
};

/** Maxima of 2×2 windows, stride 2. */
export const maxPool = (x: Tensor): Tensor => apply(maxPoolPrimitive, [x], {});
export const sumPool = (x: Tensor): Tensor => apply(sumPoolPrimitive, [x], {});
export const upsampleNearest = (x: Tensor): Tensor => apply(upsampleNearestPrimitive, [x], {});
export const depthToSpace = (x: Tensor): Tensor => apply(depthToSpacePrimitive, [x], {});
export const spaceToDepth = (x: Tensor): Tensor => apply(spaceToDepthPrimitive, [x], {});

/** The gradient of `maxPool` at x with maxima y, for the output's gradient dy. */
export function maxPoolGradient(x: Tensor, y: Tensor, dy: Tensor): Tensor {
  return apply(maxPoolGradientPrimitive, [x, y, dy], {});
}
