import { viewOf, type TrainingImages } from '../data/dataset.js';
import { validationRows } from '../data/validation-rows.js';
import type { TrainConfig } from './config.js';

/** Images to train on, and those that are held out to watch the training. */
export interface DividedImages {
  readonly training: TrainingImages;
  readonly validation: TrainingImages | undefined;
}

/**
 * Divides a data set as a configuration says (`validation`): the images held out are a function of its seed and the labels.
 *
 * @param own the data set's own validation images, which are taken where the configuration does not say
 * @throws DataError where there are too few images for that
 */
export function divideImages(
  dataset: TrainingImages,
  { validation: size, seed }: Pick<TrainConfig, 'validation' | 'seed'>,
  own?: TrainingImages,
): DividedImages {
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
