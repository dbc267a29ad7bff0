import type { TrainConfig } from './config.js';
import { OWN_SIZES } from '../data/picture-options.js';
import { seenClasses, type TrainingImages } from '../data/dataset.js';
import { reduction, type DenoiserConfig } from '../models/denoiser-network.js';
import { attentionProblem } from '../models/attention-levels.js';
import type { ModernUNetConfig } from '../models/modern-unet.js';
import { dataset as datasetShape, network } from '../utils/argument-shapes.js';
import { signature } from '../utils/arguments.js';
import { trainConfig } from '../utils/training-shapes.js';
import { ConfigError, DataError } from '../utils/errors.js';
import { lowestSize, unet2dFor } from './unet2d-for-data.js';

/** Length of the sinusoidal timestep embedding: the paper's, and what the modern U-Net's own layers widen. */
const TIME_EMBEDDING = { 'paper-unet': 32, 'modern-unet': 64 } as const;

const modelForArguments = signature('modelFor', { config: trainConfig, dataset: datasetShape });

/**
 * The network of a training configuration for the images at hand.
 *
 * @throws DataError when it cannot take images of this size, naming the nearest sizes that it can
 * @throws ConfigError when it should attend at a resolution that none of its levels has, naming those that they have, or with
 *   heads that do not divide a level's channels
 */
export function modelFor(config: TrainConfig, dataset: TrainingImages): DenoiserConfig {
  modelForArguments({ config, dataset });
  const { height, width, channels: imageChannels = 1, classes, source } = dataset;
  const { model: architecture, patchSize } = config;
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
  if (architecture === 'paper-unet') return { architecture, ...common, timeEmbedding };
  const { blocks, attention, attentionResolutions, attentionHeads } = config;
  const model: ModernUNetConfig = {
    architecture,
    ...common,
    timeEmbedding,
    blocks,
    attention: attentionResolutions ?? attention,
    // Not where it is 1: checkpoints of networks with one head do not name it.
    ...(attentionHeads > 1 && { attentionHeads }),
  };
  const problem = attentionProblem(model);
  if (problem !== undefined) {
    const field = attentionResolutions === undefined ? 'attentionHeads' : 'attentionResolutions';
    throw new ConfigError(`training configuration: "${field}": ${problem}.`);
  }
  return model;
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
  // A rectangle may have a side that works.
  const around = below === size ? [below] : [below, below + multiple];
  const least = Math.ceil(OWN_SIZES.least / multiple) * multiple;
  const most = Math.floor(OWN_SIZES.most / multiple) * multiple;
  const sizes = [...new Set(around.map((each) => Math.min(Math.max(each, least), most)))];
  const [nearest] = sizes.toSorted((a, b) => Math.abs(a - size) - Math.abs(b - size));
  return `The nearest sizes that work: ${sizes.join(' and ')}; give --image-size ${nearest}`;
}
