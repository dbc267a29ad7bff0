import type { TrainConfig } from './config.js';
import type { Dataset } from '../data/dataset.js';
import { reduction, type DenoiserConfig } from '../models/denoiser-network.js';
import { DataError } from '../utils/errors.js';

/** Length of the sinusoidal timestep embedding: the paper's, and what the modern U-Net's own layers widen. */
const TIME_EMBEDDING = { 'paper-unet': 32, 'modern-unet': 64 } as const;

/**
 * The network of a training configuration for the images at hand.
 *
 * @throws DataError when it cannot take images of this size
 */
export function modelFor(config: TrainConfig, { height, width, classes, source }: Dataset): DenoiserConfig {
  const { model: architecture, channels, blocks, attention, patchSize } = config;
  const multiple = reduction(config);
  if (height !== width || height % multiple !== 0) {
    throw new DataError(
      `${source}: the images are ${height}x${width} pixels; a U-Net with channels ${channels.join(',')} and patches of ${patchSize} needs ` +
        `squares whose side is a multiple of ${multiple}. Pad or crop the images.`,
    );
  }
  const common = { imageSize: height, channels, patchSize, classes, imageChannels: 1 };
  const timeEmbedding = TIME_EMBEDDING[architecture];
  return architecture === 'paper-unet'
    ? { architecture, ...common, timeEmbedding }
    : { architecture, ...common, timeEmbedding, blocks, attention };
}
