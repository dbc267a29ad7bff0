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
import type { Parameters } from './parameters.js';

/** PyTorch's default. */
const EPSILON = 1e-5;

/**
 * Group normalisation (Wu & He 2018): the channels of x [N, C, H, W] in `groups` groups of neighbours, each group of each
 * image brought to mean 0 and variance 1 (biased, plus 1e-5, as PyTorch's `GroupNorm`), then multiplied by `scale` and
 * shifted by `shift`, both [N or 1, C, 1, 1].
 *
 * Only sums over pixels pass through the whole tensor; the rest is one factor and one summand per image and channel.
 */
export function normalizeGroups(
  x: Tensor,
  { groups, scale, shift }: { groups: number; scale: Tensor; shift: Tensor },
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
  // Rounding can leave the variance of a constant group below zero.
  const variance = relu(sub(groupMean(square(x)), square(mean)));
  const deviation = sqrt(add(variance, scalar(EPSILON)));
  const factor = mul(perChannel(div(scalar(1), deviation)), scale); // [N, C, 1, 1]
  const summand = sub(shift, mul(perChannel(mean), factor));
  return add(mul(x, factor), summand);
}

/** PyTorch's `GroupNorm`; parameters `weight` [C] and `bias` [C], at first 1 and 0. */
export function groupNorm(parameters: Parameters, x: Tensor, groups: number): Tensor {
  const channels = x.shape[1] ?? 0;
  const perChannel = (name: string, initialMean: number): Tensor => {
    const values = parameters.get(name, { shape: [channels], initialMean, initialBound: 0 });
    return toImage(reshape(values, [1, channels, 1, 1]));
  };
  return normalizeGroups(x, { groups, scale: perChannel('weight', 1), shift: perChannel('bias', 0) });
}
