import { filterShape, geometry } from '../convolution-geometry.js';
import type { ConvolutionOperation } from '../operations.js';
import { describe, imageShape, ShapeError, type TensorType } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

/** With a padding beyond K - 1 the input gradient would be a convolution with negative padding, which ONNX has not. */
function checkPadding(operation: string, padding: number, kernel: number, a: TensorType, b: TensorType): void {
  if (!Number.isInteger(padding) || padding < 0 || padding >= kernel) {
    throw new ShapeError(
      `${operation}: padding of ${describe(a)} and ${describe(b)} must be 0..${kernel - 1}, got ${padding}`,
    );
  }
}

export const convolutionShapes: ShapeRules<ConvolutionOperation> = {
  conv2d: ([x, filter, bias], { padding }) => {
    const [o, kernel, i] = filterShape('conv2d', filter);
    const { n, ci, outH, outW } = geometry(x, o, kernel, padding);
    checkPadding('conv2d', padding, kernel, x, filter);
    if (ci !== i) {
      throw new ShapeError(`conv2d: ${describe(x)} has ${ci} channels, filter ${describe(filter)} takes ${i}`);
    }
    if (outH < 1 || outW < 1) throw new ShapeError(`conv2d: ${describe(x)} is smaller than filter ${describe(filter)}`);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== o)) {
      throw new ShapeError(`conv2d: filter ${describe(filter)} needs a bias [${o}], got ${describe(bias)}`);
    }
    return { shape: [n, o, outH, outW], dtype: 'float32', image: true };
  },
  conv2dInputGradient: ([dy, filter], { padding }) => {
    const [o, kernel, i] = filterShape('conv2dInputGradient', filter);
    const [n, co, h, w] = imageShape('conv2dInputGradient', dy);
    checkPadding('conv2dInputGradient', padding, kernel, dy, filter);
    if (co !== o) {
      throw new ShapeError(`conv2dInputGradient: ${describe(dy)} does not come from filter ${describe(filter)}`);
    }
    const grow = kernel - 1 - 2 * padding;
    return { shape: [n, i, h + grow, w + grow], dtype: 'float32', image: true };
  },
  conv2dFilterGradient: ([x, dy], { kernel, padding }) => {
    const [n, o, h, w] = imageShape('conv2dFilterGradient', dy);
    const { ci, outH, outW, n: batch } = geometry(x, o, kernel, padding);
    checkPadding('conv2dFilterGradient', padding, kernel, x, dy);
    if (n !== batch || h !== outH || w !== outW) {
      throw new ShapeError(
        `conv2dFilterGradient: ${describe(x)} and ${describe(dy)} do not belong to a ${kernel}x${kernel} filter, padding ${padding}`,
      );
    }
    return { shape: [o, kernel, kernel, ci], dtype: 'float32', image: false };
  },
};
