import {
  add,
  concat,
  conv2d,
  matmul,
  mul,
  pad,
  reshape,
  scalar,
  silu,
  spaceToDepth,
  sumPool,
  toArray,
  transpose,
  upsampleNearest,
  type Tensor,
} from '../../graph/index.js';
import { attend } from '../../nn/attention.js';
import type { Dropout } from '../../nn/dropout.js';
import { channelPart, convolution, convolutionParameters, linear, linearParameters } from '../../nn/layers.js';
import { groupNorm } from '../../nn/normalization.js';
import type { ParameterScope } from '../../nn/parameters.js';
import type { UNet2DConfig } from './unet2d-config.js';

/** What every block is given besides its input. */
export interface BlockContext {
  readonly config: UNet2DConfig;
  /** Timestep and class, embedded and activated, [B, 4 · channels[0]]. */
  readonly conditioning: Tensor;
  readonly dropout: Dropout;
}

const sameSize = { kernel: 3, padding: 1 };
const pointwise = { kernel: 1, padding: 0 };

/**
 * Diffusers' `ResnetBlock2D`: [B, I, H, W] -> [B, O, H, W]; `resample` is applied to the input and to its first activation. The sum of
 * both branches is divided by `scale`.
 */
export function residualBlock(
  parameters: ParameterScope,
  x: Tensor,
  outputs: number,
  { config, conditioning, dropout }: BlockContext,
  { scale = 1, resample = (features: Tensor): Tensor => features } = {},
): Tensor {
  const { normGroups, normEpsilon, timeConditioning } = config;
  const activated = resample(silu(groupNorm(parameters.at('norm1'), x, normGroups, normEpsilon))); // [B, I, H', W']
  const hidden = convolution(parameters.at('conv1'), activated, outputs, sameSize); // [B, O, H', W']
  const width = timeConditioning === 'add' ? outputs : 2 * outputs;
  const time = linear(parameters.at('time_emb_proj'), conditioning, width); // [B, O] or [B, 2·O]
  const part = (index: number): Tensor => channelPart(time, index, outputs); // [B, O, 1, 1]
  const norm2 = (features: Tensor): Tensor => groupNorm(parameters.at('norm2'), features, normGroups, normEpsilon);
  const conditioned =
    timeConditioning === 'add'
      ? norm2(add(hidden, part(0)))
      : add(mul(norm2(hidden), add(part(0), scalar(1))), part(1)); // [B, O, H', W']
  const residual = convolution(parameters.at('conv2'), dropout(silu(conditioned)), outputs, sameSize);
  const resampled = resample(x); // [B, I, H', W']
  const skip =
    x.shape[1] === outputs ? resampled : convolution(parameters.at('conv_shortcut'), resampled, outputs, pointwise);
  return divided(add(skip, residual), scale); // [B, O, H', W']
}

/**
 * Diffusers' `Attention` between the pixels of x [B, C, H, W], added to x and divided by `scale`: heads of `config.headChannels`
 * channels after a normalisation in `groups` groups, or with null without one.
 */
export function attention(
  parameters: ParameterScope,
  x: Tensor,
  { config }: BlockContext,
  { groups, scale = 1 }: { groups: number | null; scale?: number },
): Tensor {
  const [, c = 0] = x.shape;
  const heads = c / (config.headChannels ?? c);
  const normalized = groups === null ? x : groupNorm(parameters.at('group_norm'), x, groups, config.normEpsilon); // [B, C, H, W]
  const projections = ['to_q', 'to_k', 'to_v'].map((name) => linearParameters(parameters.at(name), c, c));
  const weight = concat(
    projections.map((each) => each.weight),
    0,
  ); // [3C, C]
  const bias = concat(
    projections.map((each) => each.bias),
    0,
  ); // [3C]
  const projected = toArray(conv2d(normalized, reshape(weight, [3 * c, 1, 1, c]), { bias })); // [B, 3C, H, W]
  const image = attend(projected, x.shape, heads, (queries, keys, scale) =>
    matmul(mul(queries, scale), keys, { transposeA: true }),
  ); // [B, C, H, W]
  const output = linearParameters(parameters.at('to_out').at('0'), c, c);
  const attended = conv2d(image, reshape(output.weight, [c, 1, 1, c]), { bias: output.bias });
  return divided(add(x, attended), scale);
}

/**
 * A 3×3 convolution with stride 2, [B, C, 2H, 2W] -> [B, C, H, W], as a 2×2 convolution of 2×2 windows folded into channels: the filter
 * gets a row and a column of zeros, at its beginning where the image is padded on every side, else at its end.
 */
export function downsampleByConvolution(parameters: ParameterScope, x: Tensor, { config }: BlockContext): Tensor {
  const channels = x.shape[1] ?? 0;
  const { weight, bias } = convolutionParameters(parameters, channels, channels, 3); // [O, 3, 3, I]
  const [before, after] = config.downsamplePadding === 1 ? [1, 0] : [0, 1];
  const widened = pad(pad(weight, 1, before, after), 2, before, after); // [O, 4, 4, I]
  const windows = reshape(widened, [channels, 2, 2, 2, 2, channels]); // [O, row, row within, column, column within, I]
  const filter = reshape(transpose(windows, [0, 1, 3, 5, 2, 4]), [channels, 2, 2, 4 * channels]);
  const folded = spaceToDepth(x); // [B, 4C, H, W]
  return conv2d(pad(pad(folded, 2, before, after), 3, before, after), filter, { bias }); // [B, C, H, W]
}

/** Means of 2×2 windows: [B, C, 2H, 2W] -> [B, C, H, W]. */
export const halve = (x: Tensor): Tensor => mul(sumPool(x), scalar(1 / 4));

/** Pixels doubled, then a 3×3 convolution: [B, C, H, W] -> [B, C, 2H, 2W]. */
export function upsampleByConvolution(parameters: ParameterScope, x: Tensor): Tensor {
  return convolution(parameters, upsampleNearest(x), x.shape[1] ?? 0, sameSize);
}

const divided = (x: Tensor, scale: number): Tensor => (scale === 1 ? x : mul(x, scalar(1 / scale)));
