import type { TrainConfig } from './config.js';
import { seenClasses, type TrainingImages } from '../data/dataset.js';
import { reduction, type DenoiserConfig } from '../models/denoiser-network.js';
import { dataset as datasetShape, network } from '../utils/argument-shapes.js';
import { signature } from '../utils/arguments.js';
import { DataError } from '../utils/errors.js';
import { lowestSize, unet2dFor } from './unet2d-for-data.js';

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
  const { model: architecture, blocks, attention, patchSize } = config;
  const channels = levelsOf(config);
  const multiple = architecture === 'unet2d' ? lowestSize(config) : reduction(config);
  if (height !== width || height % multiple !== 0) {
    throw new DataError(
      `${source}: the images are ${height}x${width} pixels; a U-Net with channels ${channels.join(',')} and patches of ${patchSize} needs ` +
        `squares whose side is a multiple of ${multiple}. ${nearestSizes(Math.max(height, width), multiple)}.`,
    );
  }
  if (architecture === 'unet2d') return unet2dFor(config, { imageSize: height, imageChannels, classes });
  const common = { imageSize: height, channels, patchSize, classes, imageChannels };
  const timeEmbedding = TIME_EMBEDDING[architecture];
  return architecture === 'paper-unet'
    ? { architecture, ...common, timeEmbedding }
    : { architecture, ...common, timeEmbedding, blocks, attention };
}

const learntClassesArguments = signature('learntClasses', { model: network, dataset: datasetShape });

/** The classes that a network learns of images: none where it is not told of them. */
export function learntClasses(
  model: DenoiserConfig,
  dataset: TrainingImages,
): { readonly seenClasses: readonly number[]; readonly classNames?: readonly string[] } {
  learntClassesArguments({ model, dataset });
  if (model.architecture === 'unet2d' && model.classEmbedding === 'none') return { seenClasses: [0] };
  const { classNames } = dataset;
  return { seenClasses: seenClasses(dataset), ...(classNames && { classNames }) };
}

function levelsOf({ model, unet2d, channels }: TrainConfig): readonly number[] {
  const { block_out_channels: widths = channels } = unet2d ?? {};
  return model === 'unet2d' ? (widths as readonly number[]) : channels;
}

/** What to give instead of a size, as a sentence without its full stop. */
function nearestSizes(size: number, multiple: number): string {
  const below = Math.floor(size / multiple) * multiple;
  const sizes = below === size || below === 0 ? [Math.max(below, multiple)] : [below, below + multiple];
  const [nearest] = sizes.toSorted((a, b) => Math.abs(a - size) - Math.abs(b - size));
  return `The nearest sizes that work: ${sizes.join(' and ')}; give --image-size ${nearest}`;
}
