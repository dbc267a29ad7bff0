import {
  concat,
  div,
  mul,
  reshape,
  scalar,
  silu,
  sub,
  toArray,
  toImage,
  upsampleNearest,
  type Tensor,
} from '../../graph/index.js';
import { keepAll, type Dropout } from '../../nn/dropout.js';
import { convolution } from '../../nn/layers.js';
import { groupNorm } from '../../nn/normalization.js';
import type { ParameterScope } from '../../nn/parameters.js';
import {
  attention,
  downsampleByConvolution,
  halve,
  residualBlock,
  upsampleByConvolution,
  type BlockContext,
} from './unet2d-blocks.js';
import type { UNet2DConfig } from './unet2d-config.js';
import { embedConditions } from './unet2d-embedding.js';

const sameSize = { kernel: 3, padding: 1 };

/**
 * The prediction [B, C, H, W] for noisy images x [B, C, H, W] at timesteps [B] (1..T) with labels [B] (float32; -1: no class): diffusers'
 * `UNet2DModel`, asked about timestep t - 1. Shapes in comments are those of google/ddpm-cifar10-32.
 */
export function unet2d(
  config: UNet2DConfig,
  parameters: ParameterScope,
  x: Tensor,
  timesteps: Tensor,
  labels: Tensor,
  dropout: Dropout = keepAll,
): Tensor {
  const { channels, layersPerBlock, normGroups, normEpsilon, timeEmbedding, imageChannels, centersInput } = config;
  const conditioning = silu(embedConditions(parameters, config, timesteps, labels)); // [B, 512]
  const context = { config, conditioning, dropout };

  const image = toImage(centersInput ? sub(mul(x, scalar(2)), scalar(1)) : x); // [B, 3, 32, 32]
  let features = convolution(parameters.at('conv_in'), image, channels[0] ?? 0, sameSize); // [B, 128, 32, 32]
  const skips = [features];
  for (const [level, outputs] of channels.entries()) {
    const scope = parameters.at('down_blocks').at(String(level));
    const withAttention = config.downBlocks[level] === 'attention';
    for (let layer = 0; layer < layersPerBlock; layer++) {
      features = blockOf(scope, layer, features, outputs, context, withAttention); // [B, 256, 16, 16]
      skips.push(features);
    }
    if (level === channels.length - 1) continue;
    features = downsample(scope.at('downsamplers').at('0'), features, context, withAttention); // [B, 256, 8, 8]
    skips.push(features);
  }

  features = middle(parameters.at('mid_block'), features, context); // [B, 256, 4, 4]

  for (const [level, outputs] of channels.toReversed().entries()) {
    const scope = parameters.at('up_blocks').at(String(level));
    const withAttention = config.upBlocks[level] === 'attention';
    for (let layer = 0; layer <= layersPerBlock; layer++) {
      const joined = concat([features, skips.pop() as Tensor], 1); // [B, 512, 16, 16]
      features = blockOf(scope, layer, joined, outputs, context, withAttention); // [B, 256, 16, 16]
    }
    if (level === channels.length - 1) continue;
    features = upsample(scope.at('upsamplers').at('0'), features, context, withAttention); // [B, 256, 32, 32]
  }

  const activated = silu(groupNorm(parameters.at('conv_norm_out'), features, normGroups, normEpsilon)); // [B, 128, 32, 32]
  const output = toArray(convolution(parameters.at('conv_out'), activated, imageChannels, sameSize)); // [B, 3, 32, 32]
  if (timeEmbedding === 'sinusoidal') return output;
  // Networks of noise levels predict the noise scaled by the level, which they take as the timestep.
  return div(output, reshape(sub(timesteps, scalar(1)), [timesteps.shape[0] ?? 0, 1, 1, 1]));
}

/** Residual block `layer` of a level and, at a level with attention, the attention after it. */
function blockOf(
  scope: ParameterScope,
  layer: number,
  x: Tensor,
  outputs: number,
  context: BlockContext,
  withAttention: boolean,
): Tensor {
  const features = residualBlock(scope.at('resnets').at(String(layer)), x, outputs, context);
  if (!withAttention) return features;
  const { normGroups: groups } = context.config;
  return attention(scope.at('attentions').at(String(layer)), features, context, { groups });
}

/** Diffusers' `UNetMidBlock2D`: two residual blocks, with attention between them. */
function middle(scope: ParameterScope, x: Tensor, context: BlockContext): Tensor {
  const { midAttention, midNormGroups, midScale: scale, normGroups, timeConditioning } = context.config;
  const width = x.shape[1] ?? 0;
  let features = residualBlock(scope.at('resnets').at('0'), x, width, context, { scale });
  if (midAttention) {
    const groups = midNormGroups ?? (timeConditioning === 'add' ? normGroups : null);
    features = attention(scope.at('attentions').at('0'), features, context, { groups, scale });
  }
  return residualBlock(scope.at('resnets').at('1'), features, width, context, { scale });
}

/** Half the resolution. Diffusers' blocks without attention know only the convolution. */
function downsample(scope: ParameterScope, x: Tensor, context: BlockContext, withAttention: boolean): Tensor {
  return withAttention && context.config.downsampling === 'resnet'
    ? residualBlock(scope, x, x.shape[1] ?? 0, context, { resample: halve })
    : downsampleByConvolution(scope.at('conv'), x, context);
}

/** Twice the resolution. Diffusers' blocks without attention know only the convolution. */
function upsample(scope: ParameterScope, x: Tensor, context: BlockContext, withAttention: boolean): Tensor {
  return withAttention && context.config.upsampling === 'resnet'
    ? residualBlock(scope, x, x.shape[1] ?? 0, context, { resample: upsampleNearest })
    : upsampleByConvolution(scope.at('conv'), x);
}
