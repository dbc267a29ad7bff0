import type { InferenceOperation, WindowAttributes } from '../operations.js';
import { describe, ShapeError, type TensorType } from '../tensor-type.js';
import type { ShapeRule, ShapeRules } from './rule.js';

type Dimensions = readonly [n: number, c: number, h: number, w: number];

function imageArray(operation: string, x: TensorType): Dimensions {
  if (x.image || x.dtype !== 'float32' || x.shape.length !== 4) {
    throw new ShapeError(`${operation}: expected an array [N,C,H,W], got ${describe(x)}`);
  }
  return x.shape as unknown as Dimensions;
}

function windowed(operation: string, x: TensorType, channels: number, window: WindowAttributes): TensorType {
  const [n, , h, w] = imageArray(operation, x);
  const { kernel, stride, padding } = window;
  const positions = (size: number, axis: 0 | 1): number => {
    // ONNX leaves open what a window without a single pixel holds.
    if (padding[axis] >= kernel[axis]) {
      throw new ShapeError(`${operation}: padding [${padding.join()}] is as large as the window [${kernel.join()}]`);
    }
    return Math.floor((size + 2 * padding[axis] - kernel[axis]) / stride) + 1;
  };
  const [outH, outW] = [positions(h, 0), positions(w, 1)];
  if (outH < 1 || outW < 1) {
    throw new ShapeError(`${operation}: ${describe(x)} is smaller than the window [${kernel.join()}]`);
  }
  return { shape: [n, channels, outH, outW], dtype: 'float32', image: false };
}

const pooling =
  (op: 'maxPool2d' | 'averagePool2d'): ShapeRule<typeof op> =>
  ([x], window) =>
    windowed(op, x, imageArray(op, x)[1], window);

/** These work on arrays [N, C, H, W], so that one emission serves every layout. */
export const inferenceShapes: ShapeRules<InferenceOperation> = {
  stridedConv2d: ([x, filter, bias], window) => {
    const [, channels] = imageArray('stridedConv2d', x);
    const [o, i] = imageArray('stridedConv2d', filter);
    if (channels !== i) {
      throw new ShapeError(`stridedConv2d: ${describe(x)} has ${channels} channels, ${describe(filter)} takes ${i}`);
    }
    if (bias.image || bias.shape.join() !== `${o}`) {
      throw new ShapeError(`stridedConv2d: filter ${describe(filter)} needs a bias [${o}], got ${describe(bias)}`);
    }
    return windowed('stridedConv2d', x, o, window);
  },
  maxPool2d: pooling('maxPool2d'),
  averagePool2d: pooling('averagePool2d'),
  resizeBilinear: ([x], { size }) => {
    const [n, c] = imageArray('resizeBilinear', x);
    return { shape: [n, c, ...size], dtype: 'float32', image: false };
  },
};
