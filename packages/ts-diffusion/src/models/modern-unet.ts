import {
  add,
  concat,
  depthToSpace,
  reshape,
  scalar,
  silu,
  slice,
  spaceToDepth,
  toArray,
  toImage,
  type Tensor,
} from '../graph/index.js';
import { selfAttention } from '../nn/attention.js';
import { keepAll, type Dropout } from '../nn/dropout.js';
import { oneHot, sinusoidalEmbedding } from '../nn/embeddings.js';
import { convolution, downConvolution, linear, upConvolution } from '../nn/layers.js';
import { groupNorm, normalizeGroups } from '../nn/normalization.js';
import { scoped, type Parameters } from '../nn/parameters.js';

/**
 * A U-Net of residual blocks with group normalisation, conditioned by scale and shift, with self-attention at its lowest
 * resolution (Ho et al. 2020; Dhariwal & Nichol 2021), optionally on 2×2 patches of pixels.
 */
export interface ModernUNetConfig {
  readonly architecture: 'modern-unet';
  /** Height and width of the images, divisible by patchSize · 2^(channels.length - 1). */
  readonly imageSize: number;
  /** Feature channels of each level, outermost first, multiples of 8; the last is the bottleneck's. */
  readonly channels: readonly number[];
  /** Residual blocks of each level on the way down, and as many on the way up; the last counts the bottleneck's. */
  readonly blocks: readonly number[];
  /** Whether pixels attend to each other after the first block of the bottleneck. */
  readonly attention: 'none' | 'bottleneck';
  readonly classes: number;
  readonly imageChannels: number;
  /** 2 folds each 2×2 window of pixels into channels before the first level and unfolds the prediction after the last. */
  readonly patchSize: number;
  /** Length of the sinusoidal timestep embedding, even. */
  readonly timeEmbedding: number;
}

/** Groups of channels that are normalised together. */
const GROUPS = 8;

const sameSize = { kernel: 3, padding: 1 };

/** What every residual block is given besides its input. */
interface BlockContext {
  readonly conditioning: Tensor; // [B, width]
  readonly dropout: Dropout;
}

/**
 * Two 3×3 convolutions, each after normalisation and SiLU, added to the input; timestep and class scale and shift what
 * the second one sees, and dropout thins it. That one is zero at first, so the block begins as the identity.
 */
function residualBlock(parameters: Parameters, x: Tensor, outputs: number, context: BlockContext): Tensor {
  const at = (name: string): Parameters => scoped(parameters, name);
  const scaleAndShift = linear(at('embedding'), context.conditioning, 2 * outputs); // [B, 2C]
  const part = (index: number): Tensor => {
    const values = slice(scaleAndShift, 1, index * outputs, (index + 1) * outputs);
    return toImage(reshape(values, [values.shape[0] ?? 0, outputs, 1, 1]));
  };
  const hidden = convolution(at('conv1'), silu(groupNorm(at('norm1'), x, GROUPS)), outputs, sameSize);
  const conditioned = normalizeGroups(hidden, { groups: GROUPS, scale: add(part(0), scalar(1)), shift: part(1) });
  const thinned = context.dropout(silu(conditioned));
  const residual = convolution(at('conv2'), thinned, outputs, { ...sameSize, startsAtZero: true });
  const skip = x.shape[1] === outputs ? x : convolution(at('skip'), x, outputs, { kernel: 1, padding: 0 });
  return add(skip, residual);
}

/** Timesteps [B] and labels [B] (-1: no class) embedded once for all blocks, [B, width]. */
function embedConditions(
  parameters: Parameters,
  { timeEmbedding, classes }: ModernUNetConfig,
  { timesteps, labels, width }: { timesteps: Tensor; labels: Tensor; width: number },
): Tensor {
  const at = (name: string): Parameters => scoped(parameters, name);
  const time = linear(at('time1'), sinusoidalEmbedding(timesteps, timeEmbedding), width);
  const label = linear(at('label'), oneHot(labels, classes), width, { hasBias: false });
  return silu(add(linear(at('time2'), silu(time), width), label));
}

/**
 * The prediction [B, C, H, W] for noisy images x [B, C, H, W] at timesteps [B] with labels [B] (float32; -1 withholds the
 * class: its embedding is zero). Zero at first, because the last convolution is.
 */
export function modernUNet(
  config: ModernUNetConfig,
  parameters: Parameters,
  x: Tensor,
  timesteps: Tensor,
  labels: Tensor,
  dropout: Dropout = keepAll,
): Tensor {
  const at = (name: string): Parameters => scoped(parameters, name);
  const [first = 0] = config.channels;
  const levels = config.channels
    .slice(0, -1)
    .map((channels, level) => ({ channels, blocks: config.blocks[level] ?? 0 }));
  const bottleneck = { channels: config.channels.at(-1) ?? 0, blocks: config.blocks.at(-1) ?? 0 };
  const conditioning = embedConditions(parameters, config, { timesteps, labels, width: 4 * first });
  const context = { conditioning, dropout };
  const stack = (
    scope: Parameters,
    input: Tensor,
    { channels, blocks }: { channels: number; blocks: number },
  ): Tensor =>
    Array.from({ length: blocks }, (_, i) => scoped(scope, `block${i + 1}`)).reduce(
      (features, block) => residualBlock(block, features, channels, context),
      input,
    );

  const patched = config.patchSize === 2;
  let features = convolution(at('stem'), patched ? spaceToDepth(toImage(x)) : toImage(x), first, sameSize);
  const skips: Tensor[] = [];
  for (const [index, level] of levels.entries()) {
    const scope = at(`down${index + 1}`);
    const skip = stack(scope, features, level);
    skips.push(skip);
    features = downConvolution(scoped(scope, 'downsample'), skip, config.channels[index + 1] ?? 0);
  }

  const lowest = at('bottleneck');
  features = residualBlock(scoped(lowest, 'block1'), features, bottleneck.channels, context);
  if (config.attention === 'bottleneck') features = selfAttention(scoped(lowest, 'attention'), features, GROUPS);
  for (let block = 2; block <= bottleneck.blocks; block++) {
    features = residualBlock(scoped(lowest, `block${block}`), features, bottleneck.channels, context);
  }

  for (const [index, level] of levels.toReversed().entries()) {
    const scope = at(`up${index + 1}`);
    const upsampled = upConvolution(scoped(scope, 'upsample'), features, level.channels);
    const skip = skips.pop();
    features = stack(scope, skip ? concat([upsampled, skip], 1) : upsampled, level);
  }

  const outputs = config.imageChannels * (patched ? 4 : 1);
  const normalized = silu(groupNorm(at('norm'), features, GROUPS));
  const prediction = convolution(at('output'), normalized, outputs, { ...sameSize, startsAtZero: true });
  return toArray(patched ? depthToSpace(prediction) : prediction);
}
