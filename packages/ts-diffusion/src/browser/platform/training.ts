import { readModel } from './model-source.js';
import { ConfigError } from '../../utils/errors.js';
import type { Train } from '../../worker/messages.js';
import type { OpenedTraining } from '../../worker/opened-training.js';
import { trainingConfig } from '../../worker/training-config.js';

/**
 * Makes everything ready for a training in a browser.
 *
 * @throws ConfigError without images, for a run folder, and for a configuration that is not valid; CheckpointError for a
 *   checkpoint or initial weights that cannot be used
 */
export async function openTraining(input: Train, signal: AbortSignal): Promise<OpenedTraining> {
  const { dataset, runFolder } = input;
  if (dataset === undefined)
    throw new ConfigError('Training in a browser needs a dataset: a browser has no data folder.');
  if (runFolder !== undefined) {
    throw new ConfigError('A browser has no run folders: store the checkpoints that the training yields.');
  }
  const { config, resume } = trainingConfig(input, dataset);
  const begins = resume === undefined ? config.initialWeights : undefined;
  const initialWeights = begins === undefined ? undefined : (await readModel(begins, { signal })).model;
  return { config, dataset, resume, initialWeights, folder: undefined, close: () => undefined };
}
