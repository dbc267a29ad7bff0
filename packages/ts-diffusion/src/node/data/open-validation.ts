import type { TrainingImages } from '../../data/dataset.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { dataset as datasetShape, loadDatasetOptions } from '../../utils/argument-shapes.js';
import { signature } from '../../utils/arguments.js';
import { openImages, type LoadDatasetOptions } from './sources.js';

const openValidationArguments = signature('openValidation', { dataset: datasetShape, options: loadDatasetOptions });

/**
 * Opens the validation images that a data set brings along, of the size and in the channels of its training images.
 *
 * @param dataset the training images
 * @param options as they were opened by
 * @returns undefined where it brings none, or none that can be used, which a message says
 */
export async function openValidation(
  dataset: TrainingImages,
  options: LoadDatasetOptions,
): Promise<TrainingImages | undefined> {
  openValidationArguments({ dataset, options });
  const { height, width, channels = 1 } = dataset;
  const pictures = {
    ...options.pictures,
    ...(height === width && { imageSize: height }),
    ...(channels === 1 && { color: 'gray' as const }),
    ...(channels === 3 && { color: 'rgb' as const }),
  };
  try {
    return await openImages({ ...options, split: 'validation', pictures });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    if (!(error instanceof MissingSplitError)) {
      options.onMessage?.(`The validation images of the data set are not used: ${error.message}.`);
    }
    return undefined;
  }
}
