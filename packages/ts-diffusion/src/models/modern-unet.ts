import { add, concat, mul, scalar, silu, toArray, toImage, type Tensor } from '../graph/index.js';
import { selfAttention } from '../nn/attention.js';
import { keepAll, type Dropout } from '../nn/dropout.js';
import { oneHot, sinusoidalEmbedding } from '../nn/embeddings.js';
import { channelPart, convolution, downConvolution, linear, upConvolution } from '../nn/layers.js';
import { groupNorm, normalizeGroups } from '../nn/normalization.js';
import type { ParameterScope } from '../nn/parameters.js';
import { attendingLevels } from './attention-levels.js';
import { fromPatches, toPatches } from './patches.js';

/**
 * A U-Net of residual blocks with group normalisation, conditioned by scale and shift, with self-attention at chosen
 * resolutions (Ho et al. 2020; Dhariwal & Nichol 2021), optionally on patches of pixels.
 */
export interface ModernUNetConfig {
  readonly architecture: 'modern-unet';
  /** Height and width of the images, divisible by patchSize · 2^(channels.length - 1). */
  readonly imageSize: number;
  /** Feature channels of each level, outermost first, multiples of 8; the last is the bottleneck's. */
  readonly channels: readonly number[];
  /** Residual blocks of each level on the way down, and as many on the way up; the last counts the bottleneck's. */
  readonly blocks: readonly number[];
  /**
   * Where pixels attend to each other, after a level's first block on the way down and its first on the way up: nowhere, in
   * the bottleneck, or at levels whose feature maps have these sides, imageSize / (patchSize · 2^level).
   */
  readonly attention: 'none' | 'bottleneck' | readonly number[];
  /** Heads of the attention; divides the channels of the levels that attend. Default 1. */
  readonly attentionHeads?: number;
  readonly classes: number;
  readonly imageChannels: number;
  /** 1, 2 or 4: folds each window of that side into channels before the first level and unfolds the prediction after the last. */
  readonly patchSize: number;
  /** Length of the sinusoidal timestep embedding, even. */
  readonly timeEmbedding: number;
  /**
   * Given where the guidance weight ω, 0 to this, is an input of the network, which then needs no unconditional prediction (Meng et
   * al. 2023): a distilled student. Absent: there is no such input.
   */
  readonly largestGuidanceWeight?: number;
}

/** Groups of channels that are normalised together. */
const GROUPS = 8;

const sameSize = { kernel: 3, padding: 1 };

/** What every residual block is given besides its input. */
interface BlockContext {
  readonly conditioning: Tensor; // [B, width]
  readonly dropout: Dropout;
  /** Of the attention. */
  readonly heads: number;
}

/**
 * Two 3×3 convolutions, each after normalisation and SiLU, added to the input; timestep and class scale and shift what
 * the second one sees, and dropout thins it: [B, I, H, W] -> [B, O, H, W]. The second one is zero at first, so the block
 * begins as the identity.
 */
function residualBlock(parameters: ParameterScope, x: Tensor, outputs: number, context: BlockContext): Tensor {
  const scaleAndShift = linear(parameters.at('embedding'), context.conditioning, 2 * outputs); // [B, 2·O]
  const part = (index: number): Tensor => channelPart(scaleAndShift, index, outputs); // [B, O, 1, 1]
  const activated = silu(groupNorm(parameters.at('norm1'), x, GROUPS)); // [B, I, H, W]
  const hidden = convolution(parameters.at('conv1'), activated, outputs, sameSize); // [B, O, H, W]
  const conditioned = normalizeGroups(hidden, { groups: GROUPS, scale: add(part(0), scalar(1)), shift: part(1) });
  const thinned = context.dropout(silu(conditioned)); // [B, O, H, W]
  const residual = convolution(parameters.at('conv2'), thinned, outputs, { ...sameSize, startsAtZero: true });
  const skip = x.shape[1] === outputs ? x : convolution(parameters.at('skip'), x, outputs, { kernel: 1, padding: 0 });
  return add(skip, residual); // [B, O, H, W]
}

/** The range of guidance weights is embedded as this many timesteps would be. */
const GUIDANCE_TICKS = 1000;

/**
 * Guidance weights [B] in 0..largest embedded as timesteps are, [B, width]. The second layer is zero at first, so that a network that
 * begins with the weights of one without this input begins as that one.
 */
function embedGuidance(
  parameters: ParameterScope,
  weights: Tensor,
  { timeEmbedding, largest, width }: { timeEmbedding: number; largest: number; width: number },
): Tensor {
  const sinusoid = sinusoidalEmbedding(mul(weights, scalar(GUIDANCE_TICKS / largest)), timeEmbedding);
  const hidden = silu(linear(parameters.at('guidance1'), sinusoid, width)); // [B, width]
  return linear(parameters.at('guidance2'), hidden, width, { startsAtZero: true }); // [B, width]
}

/** What the network is told besides the images. */
interface Conditions {
  readonly timesteps: Tensor; // [B]
  readonly labels: Tensor; // [B]
  /** [B], given exactly where the configuration has a `largestGuidanceWeight`. */
  readonly guidanceWeights?: Tensor | undefined;
}

/** Timesteps, labels (-1: no class) and guidance weights embedded once for all blocks, [B, width]. */
function embedConditions(
  parameters: ParameterScope,
  { timeEmbedding, classes, largestGuidanceWeight: largest }: ModernUNetConfig,
  { timesteps, labels, guidanceWeights, width }: Conditions & { width: number },
): Tensor {
  const sinusoid = sinusoidalEmbedding(timesteps, timeEmbedding); // [B, timeEmbedding]
  const time = linear(parameters.at('time1'), sinusoid, width); // [B, width]
  const label = linear(parameters.at('label'), oneHot(labels, classes), width, { hasBias: false }); // [B, width]
  const timeAndLabel = add(linear(parameters.at('time2'), silu(time), width), label); // [B, width]
  if (largest === undefined || guidanceWeights === undefined) return silu(timeAndLabel);
  const guidance = embedGuidance(parameters, guidanceWeights, { timeEmbedding, largest, width });
  return silu(add(timeAndLabel, guidance)); // [B, width]
}

/** A level of the network. */
interface Level {
  readonly channels: number;
  readonly blocks: number;
  readonly attends: boolean;
}

/** The levels, outermost first. */
function levelsOf(config: ModernUNetConfig): Level[] {
  const attending = attendingLevels(config);
  return config.channels.map((channels, level) => ({
    channels,
    blocks: config.blocks[level] ?? 0,
    attends: attending.includes(level),
  }));
}

/** Residual blocks one after the other, the first followed by attention where the level attends: [B, I, H, W] -> [B, channels, H, W]. */
function stack(
  parameters: ParameterScope,
  x: Tensor,
  { channels, blocks, attends }: Level,
  context: BlockContext,
): Tensor {
  let features = x;
  for (let block = 1; block <= blocks; block++) {
    features = residualBlock(parameters.at(`block${block}`), features, channels, context); // [B, channels, H, W]
    if (block === 1 && attends) {
      features = selfAttention(parameters.at('attention'), features, { groups: GROUPS, heads: context.heads });
    }
  }
  return features;
}

/**
 * The prediction [B, C, H, W] for noisy images x [B, C, H, W] at timesteps [B] with labels [B] (float32; -1 withholds the
 * class: its embedding is zero) and, where the configuration has a largest one, guidance weights [B]. Zero at first, because the last convolution is. Shapes at the levels are those of 28×28
 * pixels in 2×2 patches with the channels 64, 128.
 */
export function modernUNet(
  config: ModernUNetConfig,
  parameters: ParameterScope,
  x: Tensor,
  timesteps: Tensor,
  labels: Tensor,
  dropout: Dropout = keepAll,
  guidanceWeights?: Tensor,
): Tensor {
  const [first = 0] = config.channels;
  const levels = levelsOf(config);
  const [outer, lowest] = [levels.slice(0, -1), levels.at(-1)];
  const conditioning = embedConditions(parameters, config, { timesteps, labels, guidanceWeights, width: 4 * first }); // [B, 256]
  const context = { conditioning, dropout, heads: config.attentionHeads ?? 1 };

  const patches = toPatches(toImage(x), config.patchSize); // [B, 4, 14, 14]; on pixels [B, 1, 28, 28]
  let features = convolution(parameters.at('stem'), patches, first, sameSize); // [B, 64, 14, 14]
  const skips: Tensor[] = [];
  for (const [index, level] of outer.entries()) {
    const scope = parameters.at(`down${index + 1}`);
    const skip = stack(scope, features, level, context); // [B, 64, 14, 14]
    skips.push(skip);
    features = downConvolution(scope.at('downsample'), skip, config.channels[index + 1] ?? 0); // [B, 128, 7, 7]
  }

  if (lowest) features = stack(parameters.at('bottleneck'), features, lowest, context); // [B, 128, 7, 7]

  for (const [index, level] of outer.toReversed().entries()) {
    const scope = parameters.at(`up${index + 1}`);
    const upsampled = upConvolution(scope.at('upsample'), features, level.channels); // [B, 64, 14, 14]
    const skip = skips.pop();
    features = skip ? concat([upsampled, skip], 1) : upsampled; // [B, 128, 14, 14]
    features = stack(scope, features, level, context); // [B, 64, 14, 14]
  }

  const outputs = config.imageChannels * config.patchSize ** 2;
  const normalized = silu(groupNorm(parameters.at('norm'), features, GROUPS)); // [B, 64, 14, 14]
  const prediction = convolution(parameters.at('output'), normalized, outputs, { ...sameSize, startsAtZero: true });
  return toArray(fromPatches(prediction, config.patchSize)); // [B, 4, 14, 14] -> [B, 1, 28, 28]
}
