import {
  add,
  broadcastLike,
  conv2d,
  depthToSpace,
  matmul,
  reshape,
  spaceToDepth,
  type Tensor,
} from '../graph/index.js';
import type { ParameterDeclaration, ParameterScope } from './parameters.js';

const uniformByFanIn = (shape: readonly number[], fanIn: number): ParameterDeclaration => ({
  shape,
  initialBound: 1 / Math.sqrt(fanIn),
});

/** The parameters `weight` [O, I] and `bias` [O] of PyTorch's `Linear`. */
export function linearParameters(parameters: ParameterScope, inputs: number, outputs: number): WeightAndBias {
  return {
    weight: parameters.get('weight', uniformByFanIn([outputs, inputs], inputs)),
    bias: parameters.get('bias', uniformByFanIn([outputs], inputs)),
  };
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
  const inputs = x.shape[1] ?? 0;
  const declare = (shape: readonly number[]): ParameterDeclaration =>
    startsAtZero ? { shape, initialBound: 0 } : uniformByFanIn(shape, inputs);
  const weight = parameters.get('weight', declare([outputs, inputs]));
  if (!hasBias) return matmul(x, weight, { transposeB: true });
  const bias = parameters.get('bias', declare([outputs]));
  return add(matmul(x, weight, { transposeB: true }), reshape(bias, [1, outputs]));
}

/** The parameters `weight` and `bias` of a layer. */
export interface WeightAndBias {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** The parameters of PyTorch's `Conv2d` with a square kernel: `weight` [O, I, K, K], stored and given as [O, K, K, I], and `bias` [O]. */
export function convolutionParameters(
  parameters: ParameterScope,
  inputs: number,
  outputs: number,
  kernel: number,
): WeightAndBias {
  const fanIn = inputs * kernel * kernel;
  return {
    weight: parameters.get('weight', {
      ...uniformByFanIn([outputs, inputs, kernel, kernel], fanIn),
      storageOrder: [0, 2, 3, 1],
    }),
    bias: parameters.get('bias', uniformByFanIn([outputs], fanIn)),
  };
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
  { kernel, padding, startsAtZero = false, hasBias = true }: ConvolutionOptions,
): Tensor {
  const inputs = x.shape[1] ?? 0;
  const fanIn = startsAtZero ? Infinity : inputs * kernel * kernel;
  const weight = parameters.get('weight', {
    ...uniformByFanIn([outputs, inputs, kernel, kernel], fanIn),
    storageOrder: [0, 2, 3, 1],
  });
  if (!hasBias) return conv2d(x, weight, { padding });
  const bias = parameters.get('bias', uniformByFanIn([outputs], fanIn));
  return conv2d(x, weight, { bias, padding });
}

/**
 * PyTorch's `Conv2d` with a 2×2 kernel and stride 2; parameters `weight` [O, I, 2, 2] and `bias` [O]. Windows do not
 * overlap, so it is a pointwise convolution of the 4·I channels that they are folded into.
 */
export function downConvolution(parameters: ParameterScope, x: Tensor, outputs: number): Tensor {
  const inputs = x.shape[1] ?? 0;
  const fanIn = 4 * inputs;
  const weight = parameters.get('weight', uniformByFanIn([outputs, inputs, 2, 2], fanIn));
  const bias = parameters.get('bias', uniformByFanIn([outputs], fanIn));
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
  const weight = parameters.get('weight', {
    ...uniformByFanIn([inputs, outputs, 2, 2], fanIn),
    storageOrder: [1, 2, 3, 0],
  });
  const bias = parameters.get('bias', uniformByFanIn([outputs], fanIn));
  const perWindow = broadcastLike(reshape(bias, [outputs, 1]), { shape: [outputs, 4], dtype: 'float32', image: false });
  return depthToSpace(
    conv2d(x, reshape(weight, [4 * outputs, 1, 1, inputs]), { bias: reshape(perWindow, [4 * outputs]) }),
  );
}
