import {
  add,
  broadcastLike,
  div,
  mul,
  reduceSum,
  relu,
  reshape,
  scalar,
  sqrt,
  square,
  sub,
  toArray,
  toImage,
  type Tensor,
} from '../graph/index.js';
import type { ParameterScope } from './parameters.js';

/** PyTorch's default for every kind of normalisation. */
export const NORMALIZATION_EPSILON = 1e-5;

/**
 * Group normalisation (Wu & He 2018): the channels of x [N, C, H, W] in `groups` groups of neighbours, each group of each
 * image brought to mean 0 and variance 1 (biased, plus `epsilon`, as PyTorch's `GroupNorm`), then multiplied by `scale` and
 * shifted by `shift`, both [N or 1, C, 1, 1].
 *
 * Only sums over pixels pass through the whole tensor; the rest is one factor and one summand per image and channel.
 */
export function normalizeGroups(
  x: Tensor,
  {
    groups,
    scale,
    shift,
    epsilon = NORMALIZATION_EPSILON,
  }: { groups: number; scale: Tensor; shift: Tensor; epsilon?: number | undefined },
): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  const width = c / groups;
  const groupMean = (values: Tensor): Tensor => {
    const perChannel = reshape(toArray(reduceSum(values, [2, 3], { keepDimensions: true })), [n, groups, width]);
    return mul(reduceSum(perChannel, [2], { keepDimensions: true }), scalar(1 / (width * h * w))); // [N, G, 1]
  };
  const perChannel = (perGroup: Tensor): Tensor => {
    const repeated = broadcastLike(perGroup, { shape: [n, groups, width], dtype: 'float32', image: false });
    return toImage(reshape(repeated, [n, c, 1, 1]));
  };

  const mean = groupMean(x);
  // Rounding can leave the variance of a constant group (or, below, channel) below zero.
  const variance = relu(sub(groupMean(square(x)), square(mean)));
  const deviation = sqrt(add(variance, scalar(epsilon)));
  const factor = mul(perChannel(div(scalar(1), deviation)), scale); // [N, C, 1, 1]
  const summand = sub(shift, mul(perChannel(mean), factor));
  return add(mul(x, factor), summand);
}

/** The parameters `weight` [C] and `bias` [C] of a normalisation, at first 1 and 0, as [1, C, 1, 1]. */
function scaleAndShift(parameters: ParameterScope, channels: number): { scale: Tensor; shift: Tensor } {
  const perChannel = (name: string, initialMean: number): Tensor => {
    const values = parameters.get(name, { shape: [channels], initialMean, initialBound: 0 });
    return toImage(reshape(values, [1, channels, 1, 1]));
  };
  return { scale: perChannel('weight', 1), shift: perChannel('bias', 0) };
}

/** PyTorch's `GroupNorm`; parameters `weight` [C] and `bias` [C], at first 1 and 0. */
export function groupNorm(parameters: ParameterScope, x: Tensor, groups: number, epsilon?: number): Tensor {
  return normalizeGroups(x, { groups, epsilon, ...scaleAndShift(parameters, x.shape[1] ?? 0) });
}

/** What batch normalisation found in a batch, per channel: [1, C, 1, 1]. */
export interface BatchMoments {
  readonly mean: Tensor;
  /** Biased. */
  readonly variance: Tensor;
}

/**
 * Batch normalisation as it trains (Ioffe & Szegedy 2015): each channel of x [N, C, H, W] brought to mean 0 and variance 1
 * over the batch, PyTorch's `BatchNorm2d` in training mode; parameters `weight` [C] and `bias` [C], at first 1 and 0. There
 * are no running averages: what a trained network needs of them is measured once, with `moments`.
 */
export function batchNorm(parameters: ParameterScope, x: Tensor): { output: Tensor; moments: BatchMoments } {
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  const { scale, shift } = scaleAndShift(parameters, c);
  const batchMean = (values: Tensor): Tensor =>
    mul(reduceSum(values, [0, 2, 3], { keepDimensions: true }), scalar(1 / (n * h * w)));
  const mean = batchMean(x);
  const variance = relu(sub(batchMean(square(x)), square(mean)));
  const factor = div(scale, sqrt(add(variance, scalar(NORMALIZATION_EPSILON))));
  return { output: add(mul(x, factor), sub(shift, mul(mean, factor))), moments: { mean, variance } };
}
