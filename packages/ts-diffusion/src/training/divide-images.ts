import { viewOf, type TrainingImages } from '../data/dataset.js';
import { validationRows } from '../data/validation-rows.js';
import { finite, options, signature, count } from '../utils/arguments.js';
import { dataset as datasetShape } from '../utils/argument-shapes.js';
import type { TrainConfig } from './config.js';

/** Images to train on, and those that are held out to watch the training. */
export interface DividedImages {
  readonly training: TrainingImages;
  readonly validation: TrainingImages | undefined;
}

const divideImagesArguments = signature('divideImages', {
  dataset: datasetShape,
  config: options({ validation: finite.optional(), seed: count }),
  own: datasetShape.optional(),
});

/**
 * Divides a data set as a configuration says (`validation`): the images held out are a function of its seed and the labels.
 *
 * @param own the data set's own validation images, which are taken where the configuration does not say
 * @throws DataError where there are too few images for that
 */
export function divideImages(
  dataset: TrainingImages,
  config: Pick<TrainConfig, 'validation' | 'seed'>,
  own?: TrainingImages,
): DividedImages {
  divideImagesArguments({ dataset, config, own });
  const { validation: size, seed } = config;
  if (size === undefined) return { training: dataset, validation: own };
  if (size === 0) return { training: dataset, validation: undefined };
  const heldOut = validationRows(dataset.labels, size, seed);
  const isHeldOut = new Set(heldOut);
  const others = Array.from({ length: dataset.count }, (_, row) => row).filter((row) => !isHeldOut.has(row));
  const { source } = dataset;
  return {
    training: viewOf(dataset, others, source),
    validation: viewOf(dataset, heldOut, `${heldOut.length} held-out images of ${source}`),
  };
}
