import { input, type Tensor } from '../graph/index.js';
import { keepAll, type Dropout } from '../nn/dropout.js';
import { ParameterLayout, type ParameterScope } from '../nn/parameters.js';
import { attentionProblem } from './attention-levels.js';
import { modernUNet, type ModernUNetConfig } from './modern-unet.js';
import { patchSizes } from './patches.js';
import { unet, type UNetConfig } from './unet.js';
import type { UNet2DConfig } from './unet2d/unet2d-config.js';
import { checkUNet2D } from './unet2d/check-unet2d.js';
import { unet2d } from './unet2d/unet2d.js';
import { signature } from '../utils/arguments.js';
import { network } from '../utils/argument-shapes.js';

/** A network that denoises; `architecture` says which. */
export type DenoiserConfig = UNetConfig | ModernUNetConfig | UNet2DConfig;
/** The name of a network architecture: what `DenoiserConfig.architecture` may be. */
export type Architecture = DenoiserConfig['architecture'];

/**
 * The prediction [B, C, H, W] of the network for noisy images x [B, C, H, W] at timesteps [B] with labels [B] (float32; -1
 * withholds the class).
 *
 * @param dropout what training does to activations inside residual blocks; the paper's network has none
 * @param guidanceWeights ω of each image [B], for a network that takes it (`largestGuidanceWeightOf`)
 */
export function denoise(
  config: DenoiserConfig,
  parameters: ParameterScope,
  x: Tensor,
  timesteps: Tensor,
  labels: Tensor,
  dropout: Dropout = keepAll,
  guidanceWeights?: Tensor,
): Tensor {
  switch (config.architecture) {
    case 'paper-unet':
      return unet(config, parameters, x, timesteps, labels);
    case 'modern-unet':
      return modernUNet(config, parameters, x, timesteps, labels, dropout, guidanceWeights);
    case 'unet2d':
      return unet2d(config, parameters, x, timesteps, labels, dropout);
  }
}

const denoiserParametersArguments = signature('denoiserParameters', { config: network });

/** The parameters of the network, in the order and with the names of the PyTorch module. @throws RangeError for a configuration that cannot be built */
export function denoiserParameters(config: DenoiserConfig): ParameterLayout {
  denoiserParametersArguments({ config });
  checkShape(config);
  const { imageChannels, imageSize } = config;
  return new ParameterLayout((parameters) => {
    const x = input('x', [1, imageChannels, imageSize, imageSize]);
    return denoise(config, parameters, x, input('t', [1]), input('label', [1]), keepAll, guidanceInput(config, 1));
  });
}

/** The largest guidance weight ω of a network that takes it as an input; undefined: it takes none. */
export function largestGuidanceWeightOf(config: DenoiserConfig): number | undefined {
  return config.architecture === 'modern-unet' ? config.largestGuidanceWeight : undefined;
}

/** The input `guidance` [B] of a network that takes the guidance weight; undefined for others. */
export function guidanceInput(config: DenoiserConfig, batchSize: number): Tensor | undefined {
  return largestGuidanceWeightOf(config) === undefined ? undefined : input('guidance', [batchSize]);
}

/** By how much the network's lowest resolution is below the images': their size must be a multiple of it. */
export function reduction({ channels, patchSize = 1 }: { channels: readonly number[]; patchSize?: number }): number {
  return patchSize * 2 ** (channels.length - 1);
}

function checkShape(config: DenoiserConfig): void {
  if (config.architecture === 'unet2d') checkUNet2D(config);
  else {
    const { channels, patchSize = 1 } = config;
    if (!patchSizes.some((size) => size === patchSize)) {
      throw new RangeError(`the patch size must be 1, 2 or 4, got ${patchSize}`);
    }
    if (channels.length < 2) throw new RangeError('a U-Net needs at least two levels of channels');
  }
  const { imageSize } = config;
  const factor = reduction(config);
  if (imageSize % factor !== 0) {
    throw new RangeError(
      `images of size ${imageSize} cannot be halved ${Math.log2(factor)} times; the size must be a multiple of ${factor}`,
    );
  }
  if (config.architecture === 'unet2d') return;
  const { timeEmbedding } = config;
  if (timeEmbedding < 4 || timeEmbedding % 2 !== 0) {
    throw new RangeError(`the time embedding needs an even length of at least 4, got ${timeEmbedding}`);
  }
  const problem = config.architecture === 'modern-unet' ? attentionProblem(config) : undefined;
  if (problem !== undefined) throw new RangeError(problem);
}
