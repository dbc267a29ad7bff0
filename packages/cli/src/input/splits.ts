import { type Dataset, holdOut, loadDataset, type LoadDatasetOptions } from 'ts-diffusion/data';
import { MissingSplitError } from 'ts-diffusion/errors';

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
  try {
    const test = await loadDataset({ ...options, split: 'test' });
    return { train: await loadDataset({ ...options, split: 'train' }), test };
  } catch (error) {
    if (!(error instanceof MissingSplitError)) throw error;
    return holdOut(await loadDataset({ ...options, split: 'train' }));
  }
}
