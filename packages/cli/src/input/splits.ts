import { type Dataset, holdOut, loadDataset, type LoadDatasetOptions } from 'ts-diffusion/data';
import { DataError, MissingSplitError } from 'ts-diffusion/errors';

/** A data set's images for training, and those held out. */
export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * Loads both splits of a data set; of one without a test split, a tenth of the training images is held out, always the same.
 *
 * @throws DataError as `loadDataset`
 */
export async function loadSplits(options: Omit<LoadDatasetOptions, 'split'>): Promise<Splits> {
  const test = await testSplit(options);
  const train = await loadDataset({ ...options, split: 'train' });
  if (test === undefined) return holdOut(train);
  checkClasses(train, test);
  return { train, test };
}

async function testSplit(options: Omit<LoadDatasetOptions, 'split'>): Promise<Dataset | undefined> {
  try {
    return await loadDataset({ ...options, split: 'test' });
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
