import type { TrainConfig } from './config.js';
import type { TrainingImages } from '../data/dataset.js';
import { reduction, type DenoiserConfig } from '../models/denoiser-network.js';
import { DataError } from '../utils/errors.js';

/** Length of the sinusoidal timestep embedding: the paper's, and what the modern U-Net's own layers widen. */
const TIME_EMBEDDING = { 'paper-unet': 32, 'modern-unet': 64 } as const;

/**
 * The network of a training configuration for the images at hand.
 *
 * @throws DataError when it cannot take images of this size, naming the nearest sizes that it can
 */
export function modelFor(
  config: TrainConfig,
  { height, width, channels: imageChannels = 1, classes, source }: TrainingImages,
): DenoiserConfig {
  const { model: architecture, channels, blocks, attention, patchSize } = config;
  const multiple = reduction(config);
  if (height !== width || height % multiple !== 0) {
    throw new DataError(
      `${source}: the images are ${height}x${width} pixels; a U-Net with channels ${channels.join(',')} and patches of ${patchSize} needs ` +
        `squares whose side is a multiple of ${multiple}. ${nearestSizes(Math.max(height, width), multiple)}.`,
    );
  }
  const common = { imageSize: height, channels, patchSize, classes, imageChannels };
  const timeEmbedding = TIME_EMBEDDING[architecture];
  return architecture === 'paper-unet'
    ? { architecture, ...common, timeEmbedding }
    : { architecture, ...common, timeEmbedding, blocks, attention };
}

/** What to give instead of a size, as a sentence without its full stop. */
function nearestSizes(size: number, multiple: number): string {
  const below = Math.floor(size / multiple) * multiple;
  const sizes = below === size || below === 0 ? [Math.max(below, multiple)] : [below, below + multiple];
  const [nearest] = sizes.toSorted((a, b) => Math.abs(a - size) - Math.abs(b - size));
  return `The nearest sizes that work: ${sizes.join(' and ')}; give --image-size ${nearest}`;
}
