import {
  add,
  matmul,
  mul,
  reshape,
  scalar,
  slice,
  softmax,
  toArray,
  toImage,
  type Shape,
  type Tensor,
} from '../graph/index.js';
import { convolution } from './layers.js';
import { groupNorm } from './normalization.js';
import type { ParameterScope } from './parameters.js';

/**
 * Self-attention between the pixels of x [N, C, H, W], added to x (Ho et al. 2020): after a group normalisation, `qkv` makes
 * queries, keys and values, and `output`, at first zero, maps what the pixels have gathered. Each of the `heads` attends with
 * C / heads channels of its own (Vaswani et al. 2017), head 0 with the first, as in PyTorch's `MultiheadAttention`.
 */
export function selfAttention(
  parameters: ParameterScope,
  x: Tensor,
  { groups, heads }: { readonly groups: number; readonly heads: number },
): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  const pointwise = { kernel: 1, padding: 0 };
  const normalized = groupNorm(parameters.at('norm'), x, groups); // [N, C, H, W]
  const projected = convolution(parameters.at('qkv'), normalized, 3 * c, pointwise); // [N, 3C, H, W]
  const qkv = reshape(toArray(projected), [n, 3 * c, h * w]); // [N, 3C, pixels]
  const image = attend(qkv, x.shape, heads, (queries, keys, scale) =>
    mul(matmul(queries, keys, { transposeA: true }), scale),
  ); // [N, C, H, W]
  return add(x, convolution(parameters.at('output'), image, c, { ...pointwise, startsAtZero: true }));
}

/**
 * What each pixel gathers from all: scaled dot-product attention (Vaswani et al. 2017) between the pixels of an image.
 *
 * @param qkv queries, keys and values, C channels of each [N, 3C, ...]
 * @param shape of the image, [N, C, H, W]
 * @param heads each of C / heads channels
 * @param similarities of queries and keys, each [N·heads, C / heads, pixels], times the scale 1/√(C / heads): [N·heads, pixels, pixels].
 *   Libraries differ in what they multiply by the scale, and in rounding with it
 * @returns [N, C, H, W]
 */
export function attend(
  qkv: Tensor,
  [n = 0, c = 0, h = 0, w = 0]: Shape,
  heads: number,
  similarities: (queries: Tensor, keys: Tensor, scale: Tensor) => Tensor,
): Tensor {
  const depth = c / heads;
  const part = (index: number): Tensor => reshape(slice(qkv, 1, index * c, (index + 1) * c), [n * heads, depth, h * w]);
  const [queries, keys, values] = [part(0), part(1), part(2)]; // each [N·heads, depth, pixels]
  const weights = softmax(similarities(queries, keys, scalar(1 / Math.sqrt(depth)))); // [N·heads, pixels, pixels]
  const gathered = matmul(values, weights, { transposeB: true }); // [N·heads, depth, pixels]
  return toImage(reshape(gathered, [n, c, h, w]));
}
