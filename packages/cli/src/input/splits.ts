import {
  closeImages,
  type Dataset,
  holdOut,
  inMemory,
  loadDataset,
  type LoadDatasetOptions,
  type TrainingImages,
} from 'ts-diffusion/data';
import { DataError, MissingSplitError } from 'ts-diffusion/errors';
import { openImages, picturesLike } from 'ts-diffusion/node';
import { divideImages, type TrainConfig } from 'ts-diffusion/train';

/** A data set's images for training, and those held out. */
export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
  /** `Dataset.sha256` of the training split as `diffusion train` reads it: with the images held out of it here. */
  readonly trainedOn: string;
  /** `Dataset.sha256` of the images that `diffusion train-evaluator` makes networks for this data set from. */
  readonly networksOf: string;
}

/** What a run held out of the training images: its `validation` and `seed`. */
export type HeldOut = Pick<TrainConfig, 'validation' | 'seed'>;

/** With fewer images nothing can be scored. */
const LEAST_IMAGES = 10;

/**
 * Loads both splits of a data set; of one without a test split, a tenth of the training images is held out, always the same.
 *
 * @param heldOut of the run whose model is scored: where there is no test split, what it has not seen, if that is enough to score against
 * @throws DataError as `loadDataset`
 */
export async function loadSplits(options: Omit<LoadDatasetOptions, 'split'>, heldOut?: HeldOut): Promise<Splits> {
  const train = await loadDataset({ ...options, split: 'train' });
  const trainedOn = train.sha256;
  const test = await testSplit(loadDataset, options, train);
  if (test === undefined) {
    const tenth = holdOut(train);
    const own = heldOut && heldOutBy(heldOut, train);
    return { ...(own ?? tenth), trainedOn, networksOf: tenth.train.sha256 };
  }
  checkClasses(train, test);
  return { train, test, trainedOn, networksOf: trainedOn };
}

function heldOutBy(config: HeldOut, train: Dataset): Pick<Splits, 'train' | 'test'> | undefined {
  const { training, validation } = divideImages(train, config);
  if (validation === undefined || validation.count < LEAST_IMAGES) return undefined;
  return { train: inMemory(training), test: inMemory(validation) };
}

/**
 * `Splits.networksOf` of a data set whose training images are open already.
 *
 * @param copy gives them in memory, and leaves them open
 * @throws DataError where there is a test split that cannot be opened
 */
export async function networksOf(
  options: Omit<LoadDatasetOptions, 'split'>,
  train: TrainingImages,
  copy: () => Dataset,
): Promise<string> {
  const test = await testSplit(openImages, options, train);
  if (test === undefined) return holdOut(copy()).train.sha256;
  closeImages(test);
  return train.sha256;
}

/** Size and colours are those that the training images have turned out to have. @returns undefined where there is no such split */
async function testSplit<Images>(
  open: (options: LoadDatasetOptions) => Promise<Images>,
  { pictures, ...options }: Omit<LoadDatasetOptions, 'split'>,
  train: TrainingImages,
): Promise<Images | undefined> {
  const alike = pictures && { ...pictures, ...picturesLike(train) };
  try {
    return await open({ ...options, pictures: alike, split: 'test' });
  } catch (error) {
    if (error instanceof MissingSplitError) return undefined;
    throw error;
  }
}

/** @throws DataError where a label is not the same class in both */
function checkClasses({ classNames: train }: Dataset, { classNames: test, source }: Dataset): void {
  if (test === undefined || train === undefined || test.join('\n') === train.join('\n')) return;
  throw new DataError(
    `${source} has the classes ${test.join(', ')}, the training images ${train.join(', ')}; both need a folder for each class, with pictures in it`,
  );
}
