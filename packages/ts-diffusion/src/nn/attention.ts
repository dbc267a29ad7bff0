import { add, matmul, mul, reshape, scalar, slice, softmax, toArray, toImage, type Tensor } from '../graph/index.js';
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
  const [depth, pixels] = [c / heads, h * w];
  const pointwise = { kernel: 1, padding: 0 };
  const normalized = groupNorm(parameters.at('norm'), x, groups); // [N, C, H, W]
  const projected = convolution(parameters.at('qkv'), normalized, 3 * c, pointwise); // [N, 3C, H, W]
  const qkv = reshape(toArray(projected), [n, 3 * c, pixels]); // [N, 3C, pixels]
  const part = (index: number): Tensor =>
    reshape(slice(qkv, 1, index * c, (index + 1) * c), [n * heads, depth, pixels]);
  const [queries, keys, values] = [part(0), part(1), part(2)]; // each [N·heads, depth, pixels]

  const similarities = mul(matmul(queries, keys, { transposeA: true }), scalar(1 / Math.sqrt(depth)));
  const gathered = matmul(values, softmax(similarities), { transposeB: true }); // [N·heads, depth, pixels]
  const image = toImage(reshape(gathered, [n, c, h, w])); // [N, C, H, W]
  return add(x, convolution(parameters.at('output'), image, c, { ...pointwise, startsAtZero: true }));
}
