import {
  add,
  broadcastLike,
  conv2d,
  depthToSpace,
  matmul,
  reshape,
  slice,
  spaceToDepth,
  toImage,
  type Tensor,
} from '../graph/index.js';
import type { ParameterScope } from './parameters.js';

/** The parameters `weight` and `bias` of a layer. */
export interface WeightAndBias {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** How a layer declares its parameters: uniform in ±1/√fanIn at first, as in PyTorch, or, where they start at zero, zero. */
interface LayerDeclaration {
  /** In PyTorch's order. */
  readonly shape: readonly number[];
  readonly storageOrder?: readonly number[];
  readonly outputs: number;
  readonly fanIn: number;
  readonly startsAtZero?: boolean;
}

const bound = ({ fanIn, startsAtZero = false }: LayerDeclaration): number => (startsAtZero ? 0 : 1 / Math.sqrt(fanIn));

function weightOf(parameters: ParameterScope, declaration: LayerDeclaration): Tensor {
  const { shape, storageOrder } = declaration;
  const order = storageOrder && { storageOrder };
  return parameters.get('weight', { shape, initialBound: bound(declaration), ...order });
}

function weightAndBiasOf(parameters: ParameterScope, declaration: LayerDeclaration): WeightAndBias {
  return {
    weight: weightOf(parameters, declaration),
    bias: parameters.get('bias', { shape: [declaration.outputs], initialBound: bound(declaration) }),
  };
}

const linearLayer = (inputs: number, outputs: number, startsAtZero = false): LayerDeclaration => ({
  ...{ shape: [outputs, inputs], outputs, fanIn: inputs, startsAtZero },
});

/** The parameters `weight` [O, I] and `bias` [O] of PyTorch's `Linear`. */
export function linearParameters(parameters: ParameterScope, inputs: number, outputs: number): WeightAndBias {
  return weightAndBiasOf(parameters, linearLayer(inputs, outputs));
}

/**
 * PyTorch's `Linear`: x [B, I] -> x Wᵀ + b, [B, O]; parameters `weight` [O, I] and, unless told otherwise, `bias` [O], both zero at first
 * where that is asked for.
 */
export function linear(
  parameters: ParameterScope,
  x: Tensor,
  outputs: number,
  { hasBias = true, startsAtZero = false } = {},
): Tensor {
  const layer = linearLayer(x.shape[1] ?? 0, outputs, startsAtZero);
  if (!hasBias) return matmul(x, weightOf(parameters, layer), { transposeB: true });
  const { weight, bias } = weightAndBiasOf(parameters, layer);
  return add(matmul(x, weight, { transposeB: true }), reshape(bias, [1, outputs]));
}

const convolutionLayer = (
  inputs: number,
  outputs: number,
  { kernel, startsAtZero = false }: Pick<ConvolutionOptions, 'kernel' | 'startsAtZero'>,
): LayerDeclaration => ({
  ...{ shape: [outputs, inputs, kernel, kernel], storageOrder: [0, 2, 3, 1] },
  ...{ outputs, fanIn: inputs * kernel * kernel, startsAtZero },
});

/** The parameters of PyTorch's `Conv2d` with a square kernel: `weight` [O, I, K, K], stored and given as [O, K, K, I], and `bias` [O]. */
export function convolutionParameters(
  parameters: ParameterScope,
  inputs: number,
  outputs: number,
  kernel: number,
): WeightAndBias {
  return weightAndBiasOf(parameters, convolutionLayer(inputs, outputs, { kernel }));
}

export interface ConvolutionOptions {
  readonly kernel: number;
  readonly padding: number;
  /** Whether weights and bias are zero at first, so that a residual branch begins as nothing. Default: no. */
  readonly startsAtZero?: boolean;
  /** Default: yes. */
  readonly hasBias?: boolean;
}

/** PyTorch's `Conv2d` with stride 1 and a square kernel; parameters `weight` [O, I, K, K] and, unless told otherwise, `bias` [O]. */
export function convolution(
  parameters: ParameterScope,
  x: Tensor,
  outputs: number,
  { padding, hasBias = true, ...options }: ConvolutionOptions,
): Tensor {
  const layer = convolutionLayer(x.shape[1] ?? 0, outputs, options);
  if (!hasBias) return conv2d(x, weightOf(parameters, layer), { padding });
  const { weight, bias } = weightAndBiasOf(parameters, layer);
  return conv2d(x, weight, { bias, padding });
}

/**
 * PyTorch's `Conv2d` with a 2×2 kernel and stride 2; parameters `weight` [O, I, 2, 2] and `bias` [O]. Windows do not
 * overlap, so it is a pointwise convolution of the 4·I channels that they are folded into.
 */
export function downConvolution(parameters: ParameterScope, x: Tensor, outputs: number): Tensor {
  const inputs = x.shape[1] ?? 0;
  const fanIn = 4 * inputs;
  const { weight, bias } = weightAndBiasOf(parameters, { shape: [outputs, inputs, 2, 2], outputs, fanIn });
  return conv2d(spaceToDepth(x), reshape(weight, [outputs, 1, 1, fanIn]), { bias });
}

/**
 * PyTorch's `ConvTranspose2d` with a 2×2 kernel and stride 2; parameters `weight` [I, O, 2, 2] and `bias` [O]. Windows do
 * not overlap, so it is a pointwise convolution to 4·O channels that are then laid out as pixels.
 */
export function upConvolution(parameters: ParameterScope, x: Tensor, outputs: number): Tensor {
  const inputs = x.shape[1] ?? 0;
  // PyTorch takes the fan-in from axis 1 of the weight, which here counts outputs.
  const fanIn = outputs * 4;
  const layer = { shape: [inputs, outputs, 2, 2], storageOrder: [1, 2, 3, 0], outputs, fanIn };
  const { weight, bias } = weightAndBiasOf(parameters, layer);
  const perWindow = broadcastLike(reshape(bias, [outputs, 1]), { shape: [outputs, 4], dtype: 'float32', image: false });
  return depthToSpace(
    conv2d(x, reshape(weight, [4 * outputs, 1, 1, inputs]), { bias: reshape(perWindow, [4 * outputs]) }),
  );
}

/** Part `index` of values [B, parts · C], one per channel, to be added to or multiplied with images: [B, C, 1, 1]. */
export function channelPart(values: Tensor, index: number, channels: number): Tensor {
  const part = slice(values, 1, index * channels, (index + 1) * channels); // [B, C]
  return toImage(reshape(part, [part.shape[0] ?? 0, channels, 1, 1]));
}
