import { filterShape, geometry, type Geometry } from '../convolution-geometry.js';
import type { Emission, EmittedValue } from '../emission.js';
import type { ConvolutionOperation } from '../operations.js';
import { imageShape } from '../tensor-type.js';
import type { Tensor } from '../tensor.js';
import type { EmitRules } from './rule.js';

/**
 * With the batch innermost (C, H, W, N in memory, seen as one image [1, C, H, W·N]) a convolution is one with dilation N
 * along the last axis; and its filter gradient is ONE convolution too: the output gradient, seen as a filter of size
 * H×W×N, slides over the input with the channels innermost.
 */

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

export const convolutionEmission: EmitRules<ConvolutionOperation> = {
  conv2d: (emission, node) => {
    const [x, filter, bias] = node.inputs;
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
  conv2dInputGradient: (emission, node) => {
    const [dy, filter] = node.inputs;
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
  conv2dFilterGradient: (emission, node) => {
    const [x, dy] = node.inputs;
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
};
