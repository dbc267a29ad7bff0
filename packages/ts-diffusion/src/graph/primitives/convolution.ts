import type { Emission, EmittedValue } from '../emission.js';
import type { Attributes, Primitive } from '../tensor.js';
import { apply, describe, imageShape, ShapeError, type Tensor } from '../tensor.js';
import { reduceSum } from './arithmetic.js';

/**
 * Convolutions with stride 1 and equal zero padding, of at most K - 1, on every side: with more, the input gradient would be
 * a convolution with negative padding, which ONNX has not. Filters are arrays [O, K, K, I].
 * The three primitives are each other's derivatives, so the set is closed under differentiation.
 *
 * With the batch innermost (C, H, W, N in memory, seen as one image [1, C, H, W·N]) a convolution is one with dilation N
 * along the last axis; and its filter gradient is ONE convolution too: the output gradient, seen as a filter of size
 * H×W×N, slides over the input with the channels innermost.
 */
interface ConvolutionAttributes extends Attributes {
  readonly padding: number;
}

interface FilterGradientAttributes extends ConvolutionAttributes {
  readonly kernel: number;
}

interface Geometry {
  readonly n: number;
  readonly ci: number;
  readonly co: number;
  readonly h: number;
  readonly w: number;
  readonly outH: number;
  readonly outW: number;
  readonly kernel: number;
  readonly padding: number;
}

function geometry(x: Tensor, co: number, kernel: number, padding: number): Geometry {
  const [n, ci, h, w] = imageShape('conv2d', x);
  return { n, ci, co, h, w, outH: h + 2 * padding - kernel + 1, outW: w + 2 * padding - kernel + 1, kernel, padding };
}

function filterShape(operation: string, filter: Tensor): readonly [o: number, kernel: number, i: number] {
  const [o, kh, kw, i] = filter.shape;
  if (filter.image || o === undefined || kh === undefined || kh !== kw || i === undefined) {
    throw new ShapeError(`${operation}: expected a square filter [O,K,K,I], got ${describe(filter)}`);
  }
  return [o, kh, i];
}

function checkPadding(operation: string, padding: number, kernel: number, a: Tensor, b: Tensor): void {
  if (!Number.isInteger(padding) || padding < 0 || padding >= kernel) {
    throw new ShapeError(
      `${operation}: padding of ${describe(a)} and ${describe(b)} must be 0..${kernel - 1}, got ${padding}`,
    );
  }
}

/** The filter as ONNX's Conv wants it: [O, I, K, K]. */
function filterOIHW(emission: Emission, filter: Tensor): EmittedValue {
  const [o, kernel, i] = filterShape('conv2d', filter);
  const taps = emission.viewValue(emission.value(filter), [o, kernel * kernel, i]);
  const swapped = kernel === 1 ? taps : emission.transpose(taps, [0, 2, 1]);
  return emission.viewValue(swapped, [o, i, kernel, kernel]);
}

/** The filter of the input gradient: both axes of pixels reversed, channels swapped, [I, O, K, K]. */
function flippedFilterIOHW(emission: Emission, filter: Tensor): EmittedValue {
  const [o, kernel, i] = filterShape('conv2d', filter);
  const taps = emission.viewValue(emission.value(filter), [o, kernel * kernel, i]);
  return emission.viewValue(emission.transpose(reverseTaps(emission, taps), [2, 0, 1]), [i, o, kernel, kernel]);
}

/** Reverses the middle axis of [O, K·K, I], which turns the filter by 180 degrees. */
function reverseTaps(emission: Emission, value: EmittedValue): EmittedValue {
  const taps = value.shape[1] ?? 1;
  if (taps === 1) return value;
  const order = Array.from({ length: taps }, (_, tap) => taps - 1 - tap);
  return emission.memo(`reverse ${value.name}`, () => ({
    name: emission.node('Gather', [value.name, emission.ints(order)], { axis: 1 }),
    shape: value.shape,
  }));
}

/** Conv of an image batch in the target's layout with a filter [outChannels, inChannels, K, K]. */
function emitConv(
  emission: Emission,
  x: Tensor,
  filter: EmittedValue,
  bias: readonly string[],
  { padding, outH, outW, n, kernel }: Pick<Geometry, 'padding' | 'outH' | 'outW' | 'n' | 'kernel'>,
): EmittedValue {
  const [, channels, h, w] = imageShape('conv2d', x);
  const outChannels = filter.shape[0] ?? 1;
  if (!emission.batchInnermost) {
    const attributes = { kernel_shape: [kernel, kernel], pads: [padding, padding, padding, padding] };
    const name = emission.node('Conv', [emission.view(x), filter.name, ...bias], attributes);
    return { name, shape: [n, outChannels, outH, outW] };
  }
  const rows = emission.view(x, [1, channels, h, w * n]);
  const pads = [padding, padding * n, padding, padding * n];
  const attributes = { kernel_shape: [kernel, kernel], dilations: [1, n], pads };
  return {
    name: emission.node('Conv', [rows, filter.name, ...bias], attributes),
    shape: [1, outChannels, outH, outW * n],
  };
}

/** Whether the convolution is a plain matrix product over pixels in the batch-innermost layout. */
function isPointwise({ kernel, padding }: Geometry): boolean {
  return kernel === 1 && padding === 0;
}

/**
 * The k² shifted copies of a one-channel batch, [K·K, H·W·N]: with a single input channel a matrix product over them
 * beats Conv, whose inner dimension would be one.
 */
function shiftedCopies(
  emission: Emission,
  x: Tensor,
  { n, h, w, outH, outW, kernel, padding }: Geometry,
): EmittedValue {
  const shape = [kernel * kernel, outH * outW * n];
  return emission.memo(`shifted copies ${x.id} ${kernel} ${padding}`, () => {
    const source = emission.view(x, [1, 1, h, w * n]);
    const amounts = [0, 0, padding, padding * n, 0, 0, padding, padding * n];
    const padded =
      padding === 0 ? source : emission.node('Pad', [source, emission.ints(amounts)], { mode: 'constant' });
    const copies: string[] = [];
    for (let row = 0; row < kernel; row++) {
      for (let column = 0; column < kernel; column++) {
        const starts = emission.ints([row, column * n]);
        const ends = emission.ints([row + outH, (column + outW) * n]);
        copies.push(emission.node('Slice', [padded, starts, ends, emission.ints([2, 3])]));
      }
    }
    const name = emission.node('Concat', copies, { axis: 0 });
    return emission.viewValue({ name, shape: [kernel * kernel, 1, outH, outW * n] }, shape);
  });
}

export const conv2dPrimitive: Primitive<ConvolutionAttributes> = {
  name: 'conv2d',
  infer: (inputs, { padding }) => {
    const [x, filter, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const [o, kernel, i] = filterShape('conv2d', filter);
    const { n, ci, outH, outW } = geometry(x, o, kernel, padding);
    checkPadding('conv2d', padding, kernel, x, filter);
    if (ci !== i)
      throw new ShapeError(`conv2d: ${describe(x)} has ${ci} channels, filter ${describe(filter)} takes ${i}`);
    if (outH < 1 || outW < 1) throw new ShapeError(`conv2d: ${describe(x)} is smaller than filter ${describe(filter)}`);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== o)) {
      throw new ShapeError(`conv2d: filter ${describe(filter)} needs a bias [${o}], got ${describe(bias)}`);
    }
    return { shape: [n, o, outH, outW], dtype: 'float32', image: true };
  },
  emit: (emission, node) => {
    const [x, filter] = [node.input(0), node.input(1)];
    const bias = node.inputs[2];
    const [o, kernel, ci] = filterShape('conv2d', filter);
    const g = geometry(x, o, kernel, node.attributes.padding);
    const pixels = g.outH * g.outW * g.n;
    if (emission.batchInnermost && (isPointwise(g) || ci === 1)) {
      const columns = isPointwise(g) ? emission.view(x, [ci, pixels]) : shiftedCopies(emission, x, g).name;
      const operands = [emission.view(filter, [o, kernel * kernel * ci]), columns];
      if (bias) operands.push(emission.view(bias, [o, 1]));
      const product = { name: emission.node('Gemm', operands), shape: [o, pixels] };
      return emission.viewValue(product, [1, o, g.outH, g.outW * g.n]);
    }
    return emitConv(emission, x, filterOIHW(emission, filter), bias ? [emission.view(bias)] : [], g);
  },
  gradient: (node, dy) => {
    const [x, filter] = [node.input(0), node.input(1)];
    const { padding } = node.attributes;
    const [, kernel] = filterShape('conv2d', filter);
    const gradients = [conv2dInputGradient(dy, filter, padding), conv2dFilterGradient(x, dy, { kernel, padding })];
    return node.inputs.length === 3 ? [...gradients, reduceSum(dy, [0, 2, 3])] : gradients;
  },
};

export const conv2dInputGradientPrimitive: Primitive<ConvolutionAttributes> = {
  name: 'conv2dInputGradient',
  infer: (inputs, { padding }) => {
    const [dy, filter] = inputs as [Tensor, Tensor];
    const [o, kernel, i] = filterShape('conv2dInputGradient', filter);
    const [n, co, h, w] = imageShape('conv2dInputGradient', dy);
    checkPadding('conv2dInputGradient', padding, kernel, dy, filter);
    if (co !== o) {
      throw new ShapeError(`conv2dInputGradient: ${describe(dy)} does not come from filter ${describe(filter)}`);
    }
    const grow = kernel - 1 - 2 * padding;
    return { shape: [n, i, h + grow, w + grow], dtype: 'float32', image: true };
  },
  emit: (emission, node) => {
    const [dy, filter] = [node.input(0), node.input(1)];
    const [o, kernel, i] = filterShape('conv2dInputGradient', filter);
    const g = geometry(dy, i, kernel, kernel - 1 - node.attributes.padding);
    if (emission.batchInnermost && isPointwise(g)) {
      const pixels = g.h * g.w * g.n;
      const [matrix, columns] = [emission.view(filter, [o, i]), emission.view(dy, [o, pixels])];
      // With one output channel the product is an outer product, which Mul broadcasts without packing matrices.
      const product =
        o === 1
          ? emission.node('Mul', [emission.view(filter, [i, 1]), columns])
          : emission.node('Gemm', [matrix, columns], { transA: 1 });
      return emission.viewValue({ name: product, shape: [i, pixels] }, [1, i, g.h, g.w * g.n]);
    }
    return emitConv(emission, dy, flippedFilterIOHW(emission, filter), [], g);
  },
  gradient: (node, gradient) => {
    const [dy, filter] = [node.input(0), node.input(1)];
    const { padding } = node.attributes;
    const [, kernel] = filterShape('conv2dInputGradient', filter);
    return [conv2d(gradient, filter, { padding }), conv2dFilterGradient(gradient, dy, { kernel, padding })];
  },
};

/** Correlates `sliding` [.., a] with `window` [.., b] over all images and pixels: [b, K, K, a], batch innermost. */
function emitCorrelation(
  emission: Emission,
  sliding: Tensor,
  window: Tensor,
  kernel: number,
  padding: number,
): EmittedValue {
  const [n, a, h, w] = imageShape('conv2dFilterGradient', sliding);
  const [, b, windowH, windowW] = imageShape('conv2dFilterGradient', window);
  const channelsInnermost = emission.transpose(emission.viewValue(emission.value(sliding), [a, h * w * n]), [1, 0]);
  const volume = emission.viewValue(channelsInnermost, [1, 1, h, w, n * a]).name;
  const filter = emission.view(window, [b, 1, windowH, windowW, n]);
  const name = emission.node('Conv', [volume, filter], {
    kernel_shape: [windowH, windowW, n],
    dilations: [1, 1, a],
    pads: [padding, padding, 0, padding, padding, 0],
  });
  return emission.viewValue({ name, shape: [1, b, kernel, kernel, a] }, [b, kernel * kernel, a]);
}

export const conv2dFilterGradientPrimitive: Primitive<FilterGradientAttributes> = {
  name: 'conv2dFilterGradient',
  infer: (inputs, { kernel, padding }) => {
    const [x, dy] = inputs as [Tensor, Tensor];
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
  emit: (emission, node) => {
    const [x, dy] = [node.input(0), node.input(1)];
    const { kernel, padding } = node.attributes;
    const [n, co] = imageShape('conv2dFilterGradient', dy);
    const g = geometry(x, co, kernel, padding);
    const pixels = g.outH * g.outW * n;
    if (!emission.batchInnermost) {
      // The batch takes the place of the input channels.
      const images = emission.transpose(emission.viewValue(emission.value(x), x.shape), [1, 0, 2, 3]);
      const windows = emission.transpose(emission.viewValue(emission.value(dy), dy.shape), [1, 0, 2, 3]);
      const pads = [padding, padding, padding, padding];
      const attributes = { kernel_shape: [g.outH, g.outW], pads };
      const name = emission.node('Conv', [images.name, windows.name], attributes);
      return emission.transpose({ name, shape: [g.ci, co, kernel, kernel] }, [1, 2, 3, 0]);
    }
    if (isPointwise(g) || g.ci === 1) {
      const columns = isPointwise(g) ? emission.view(x, [g.ci, pixels]) : shiftedCopies(emission, x, g).name;
      const name = emission.node('Gemm', [emission.view(dy, [co, pixels]), columns], { transB: 1 });
      return { name, shape: [co, kernel * kernel * g.ci] };
    }
    // Transposing costs in proportion to the channels: let the tensor with fewer of them slide.
    if (g.ci <= co) return emitCorrelation(emission, x, dy, kernel, padding);
    const reversed = emitCorrelation(emission, dy, x, kernel, kernel - 1 - padding);
    return emission.transpose(reverseTaps(emission, reversed), [2, 1, 0]);
  },
  gradient: (node, filterGradient) => {
    const [x, dy] = [node.input(0), node.input(1)];
    const { padding } = node.attributes;
    return [conv2dInputGradient(dy, filterGradient, padding), conv2d(x, filterGradient, { padding })];
  },
};

/** Cross-correlation (as PyTorch's Conv2d) of x [N,I,H,W] with filter [O,K,K,I], plus bias [O]. */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  { bias, padding = 0 }: { bias?: Tensor; padding?: number } = {},
): Tensor {
  return apply(conv2dPrimitive, bias ? [x, filter, bias] : [x, filter], { padding });
}

/** The gradient of `conv2d` with respect to its input, for the output's gradient dy [N,O,H',W']. */
export function conv2dInputGradient(dy: Tensor, filter: Tensor, padding: number): Tensor {
  return apply(conv2dInputGradientPrimitive, [dy, filter], { padding });
}

/** The gradient of `conv2d` with respect to its filter, for the output's gradient dy [N,O,H',W']. */
export function conv2dFilterGradient(
  x: Tensor,
  dy: Tensor,
  { kernel, padding }: { kernel: number; padding: number },
): Tensor {
  return apply(conv2dFilterGradientPrimitive, [x, dy], { kernel, padding });
}
