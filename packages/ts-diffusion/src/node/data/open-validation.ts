import { closeImages, type TrainingImages } from '../../data/dataset.js';
import type { LoadDatasetOptions } from '../../data/load-dataset-options.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { dataset as datasetShape, loadDatasetOptions } from '../../utils/argument-shapes.js';
import { signature } from '../../utils/arguments.js';
import { picturesLike } from './pictures-like.js';
import { openImages } from './sources.js';

const openValidationArguments = signature('openValidation', { dataset: datasetShape, options: loadDatasetOptions });

/**
 * Opens the validation images that a data set brings along, of the size, in the channels and with the classes of its training images.
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
  const pictures = { ...options.pictures, ...picturesLike(dataset) };
  try {
    const validation = await openImages({ ...options, split: 'validation', pictures });
    try {
      return withClassesOf(dataset, validation);
    } catch (error) {
      closeImages(validation);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    if (!(error instanceof MissingSplitError)) {
      options.onMessage?.(`The validation images of the data set are not used: ${error.message}.`);
    }
    return undefined;
  }
}

/**
 * Validation images as a training of `dataset` can use them: labels number its classes, some of which may have no validation images.
 *
 * @throws DataError for images of another size, or of classes that are not trained on
 */
function withClassesOf(dataset: TrainingImages, validation: TrainingImages): TrainingImages {
  const { classes, classNames } = dataset;
  const shapeOf = ({ height, width, channels = 1 }: TrainingImages): string => `${height}x${width}x${channels}`;
  if (shapeOf(validation) !== shapeOf(dataset)) {
    throw new DataError(
      `they are of ${shapeOf(validation)} pixels and channels, those to train on of ${shapeOf(dataset)}`,
    );
  }
  const names = validation.classNames;
  if (names === undefined && classNames === undefined) {
    if (validation.classes <= classes) return { ...validation, classes };
    throw new DataError(`they are of ${validation.classes} classes, those to train on of ${classes}`);
  }
  if (names === undefined || classNames === undefined) {
    throw new DataError('either they or those to train on are not divided into classes by name');
  }
  const unknown = names.find((name) => !classNames.includes(name));
  if (unknown !== undefined) throw new DataError(`their class ${unknown} is not trained on`);
  const labels = validation.labels.map((label) => classNames.indexOf(names[label] as string));
  return { ...validation, labels, classes, classNames };
}
