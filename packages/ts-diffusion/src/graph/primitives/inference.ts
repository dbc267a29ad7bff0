import type { Attributes, InferencePrimitive, PrimitiveName, TensorType } from '../tensor.js';
import { apply, describe, ShapeError, type Tensor } from '../tensor.js';

/**
 * What networks trained elsewhere need and no training here does: windows of any size and stride, and bilinear resizing.
 * They work on arrays [N, C, H, W], so that one emission serves every layout, and have no gradient rule.
 */

/** Rows and columns. */
type Extent = readonly [height: number, width: number];

/** How a window moves over an image. */
export interface Window {
  readonly kernel: Extent;
  /** Default 1, in both directions. */
  readonly stride?: number;
  /** Rows above and below, columns left and right. Default none. */
  readonly padding?: Extent;
}

interface WindowAttributes extends Attributes {
  readonly kernel: Extent;
  readonly stride: number;
  readonly padding: Extent;
}

interface ResizeAttributes extends Attributes {
  readonly size: Extent;
}

type Dimensions = readonly [n: number, c: number, h: number, w: number];

function imageArray(operation: string, x: Tensor): Dimensions {
  if (x.image || x.dtype !== 'float32' || x.shape.length !== 4) {
    throw new ShapeError(`${operation}: expected an array [N,C,H,W], got ${describe(x)}`);
  }
  return x.shape as unknown as Dimensions;
}

function windowed(operation: string, x: Tensor, channels: number, attributes: WindowAttributes): TensorType {
  const [n, , h, w] = imageArray(operation, x);
  const { kernel, stride, padding } = attributes;
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

function onnxWindow({ kernel, stride, padding }: WindowAttributes): Record<string, readonly number[]> {
  return { kernel_shape: kernel, strides: [stride, stride], pads: [...padding, ...padding] };
}

function withDefaults({ kernel, stride = 1, padding = [0, 0] }: Window): WindowAttributes {
  return { kernel, stride, padding };
}

export const stridedConv2dPrimitive: InferencePrimitive<WindowAttributes> = {
  name: 'stridedConv2d',
  infer: (inputs, attributes) => {
    const [x, filter, bias] = inputs as [Tensor, Tensor, Tensor];
    const [, channels] = imageArray('stridedConv2d', x);
    const [o, i] = imageArray('stridedConv2d', filter);
    if (channels !== i) {
      throw new ShapeError(`stridedConv2d: ${describe(x)} has ${channels} channels, ${describe(filter)} takes ${i}`);
    }
    if (bias.image || bias.shape.join() !== `${o}`) {
      throw new ShapeError(`stridedConv2d: filter ${describe(filter)} needs a bias [${o}], got ${describe(bias)}`);
    }
    return windowed('stridedConv2d', x, o, attributes);
  },
  emit: (emission, node) => {
    const operands = node.inputs.map((input) => emission.view(input));
    return { name: emission.node('Conv', operands, onnxWindow(node.attributes)), shape: node.shape };
  },
  gradient: 'inference only',
};

function pooling(name: PrimitiveName, opType: 'MaxPool' | 'AveragePool'): InferencePrimitive<WindowAttributes> {
  return {
    name,
    infer: ([input], attributes) => {
      const x = input as Tensor;
      return windowed(name, x, imageArray(name, x)[1], attributes);
    },
    emit: (emission, node) => {
      const x = emission.view(node.input(0));
      return { name: emission.node(opType, [x], onnxWindow(node.attributes)), shape: node.shape };
    },
    gradient: 'inference only',
  };
}

export const maxPool2dPrimitive = pooling('maxPool2d', 'MaxPool');
export const averagePool2dPrimitive = pooling('averagePool2d', 'AveragePool');

export const resizeBilinearPrimitive: InferencePrimitive<ResizeAttributes> = {
  name: 'resizeBilinear',
  infer: ([x], { size }) => {
    const [n, c] = imageArray('resizeBilinear', x as Tensor);
    return { shape: [n, c, ...size], dtype: 'float32', image: false };
  },
  emit: (emission, node) => {
    const x = emission.view(node.input(0));
    // The batch may be symbolic: its size comes from the value itself.
    const batch = emission.node('Shape', [x], { start: 0, end: 1 });
    const size = emission.node('Concat', [batch, emission.ints(node.shape.slice(1))], { axis: 0 });
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    return { name: emission.node('Resize', [x, '', '', size], attributes), shape: node.shape };
  },
  gradient: 'inference only',
};

/** Cross-correlation of x [N,I,H,W] with filter [O,I,KH,KW] (PyTorch's order), plus bias [O]. Inference only. */
export function stridedConv2d(x: Tensor, filter: Tensor, bias: Tensor, options: Omit<Window, 'kernel'> = {}): Tensor {
  const [kh, kw] = filter.shape.slice(2) as [number, number];
  return apply(stridedConv2dPrimitive, [x, filter, bias], withDefaults({ kernel: [kh, kw], ...options }));
}

/** Maxima of windows of x [N,C,H,W]. Inference only. */
export const maxPool2d = (x: Tensor, window: Window): Tensor => apply(maxPool2dPrimitive, [x], withDefaults(window));

/** Means of windows of x [N,C,H,W], over the pixels only: padding does not count. Inference only. */
export const averagePool2d = (x: Tensor, window: Window): Tensor =>
  apply(averagePool2dPrimitive, [x], withDefaults(window));

/**
 * Bilinear interpolation of x [N,C,H,W] to [N,C,...size], pixels seen as unit squares, the border repeated, without
 * antialiasing: PyTorch's `interpolate(mode='bilinear', align_corners=False)`. Inference only.
 */
export const resizeBilinear = (x: Tensor, size: Extent): Tensor => apply(resizeBilinearPrimitive, [x], { size });
