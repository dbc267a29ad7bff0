import type { TrainConfig } from '../config.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import { CheckpointError, ConfigError } from '../utils/errors.js';
import { firstDifference } from './resume.js';

/** Trained weights that a run begins with instead of random ones. */
export interface InitialWeights {
  readonly model: DenoiserConfig;
  /** Flat, in the order of the model's layout. */
  readonly parameters: Float32Array;
}

/**
 * @throws CheckpointError when the weights are of another network, naming the field and both values
 * @throws ConfigError when the configuration names weights and none were loaded
 */
export function checkInitialWeights(
  { initialWeights: path }: Pick<TrainConfig, 'initialWeights'>,
  weights: InitialWeights | undefined,
  model: DenoiserConfig,
): void {
  if (weights === undefined) {
    if (path === undefined) return;
    throw new ConfigError(`"initialWeights" is ${JSON.stringify(path)}, but the weights in it were not loaded.`);
  }
  const field = firstDifference(weights.model, model);
  if (field === undefined) return;
  throw new CheckpointError(
    `${path ?? 'The initial weights'}: the network these weights are of has "${field}" ` +
      `${JSON.stringify(weights.model[field])}, this run's has ${JSON.stringify(model[field])}. ` +
      'A run can only begin with the weights of its own network.',
  );
}
