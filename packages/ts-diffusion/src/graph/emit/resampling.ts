import { DataType } from '../../onnx/schema.js';
import type { Shape } from '../../utils/shape.js';
import type { Emission, EmittedValue } from '../emission.js';
import type { ResamplingOperation } from '../operations.js';
import { imageShape, type TensorType } from '../tensor-type.js';
import type { EmitRules } from './rule.js';

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

export const resamplingEmission: EmitRules<ResamplingOperation> = {
  maxPool2x2: (emission, node) => {
    const [x] = node.inputs;
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
  maxPool2x2Gradient: (emission, node) => {
    const [x, y, dy] = node.inputs;
    const [large, small] = [windowShape(emission, y, 2), windowShape(emission, y, 1)];
    const isMaximum = emission.node('Equal', [emission.view(x, large), emission.view(y, small)]);
    const mask = { name: emission.node('Cast', [isMaximum], { to: DataType.float32 }), shape: large };
    const share = emission.node('Div', [emission.view(dy, small), windowSums(emission, mask, small)]);
    return { name: emission.node('Mul', [mask.name, share]), shape: large };
  },
  sumPool2x2: (emission, node) => {
    const shape = windowShape(emission, node, 1);
    return { name: windowSums(emission, emission.value(node.inputs[0]), shape), shape };
  },
  upsampleNearest2x: (emission, node) => {
    const [x] = node.inputs;
    const shape = windowShape(emission, x, 2);
    const pairs = emission.ints([1, 1, 2, 1, 2, 1]);
    return { name: emission.node('Expand', [emission.view(x, windowShape(emission, x, 1)), pairs]), shape };
  },
};
