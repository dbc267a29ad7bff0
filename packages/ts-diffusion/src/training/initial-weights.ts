import type { TrainConfig } from './config.js';
import type { PredictionType } from '../diffusion/prediction.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import { CheckpointError, ConfigError } from '../utils/errors.js';
import { firstDifference } from './resume.js';

/** Trained weights that a run begins with instead of random ones, as weights and as their average. */
export interface InitialWeights {
  readonly model: DenoiserConfig;
  /** Flat, in the order of the model's layout. */
  readonly parameters: Float32Array;
  /** What the network predicts; default the noise ε. */
  readonly prediction?: PredictionType;
}

/**
 * Makes sure that a run can begin with these weights. Another schedule or T is no hindrance: it changes how much noise a timestep
 * stands for, which training mends.
 *
 * @throws CheckpointError when the weights are of another network or predict something else, or are not all finite
 * @throws ConfigError when the configuration names weights and none were loaded, or the other way round
 */
export function checkInitialWeights(
  { initialWeights: path, prediction: wanted }: Pick<TrainConfig, 'initialWeights' | 'prediction'>,
  weights: InitialWeights | undefined,
  model: DenoiserConfig,
): void {
  if (weights === undefined && path === undefined) return;
  if (weights === undefined) {
    throw new ConfigError(`"initialWeights" is ${JSON.stringify(path)}, but the weights in it were not loaded.`);
  }
  if (path === undefined) {
    throw new ConfigError(
      'Initial weights were given, but the configuration does not name their source. Set "initialWeights".',
    );
  }
  const field = firstDifference(weights.model, model);
  if (field !== undefined) {
    throw new CheckpointError(
      `${path}: the network of these weights has "${field}" ${JSON.stringify(weights.model[field])}, this run's has ` +
        `${JSON.stringify(model[field])}. A run can only start from weights of the same network.`,
    );
  }
  const { prediction = 'epsilon', parameters } = weights;
  if (prediction !== wanted) {
    throw new CheckpointError(
      `${path}: the network of these weights predicts ${prediction}, this run's ${wanted}. ` +
        `Give --prediction ${prediction} to train it further.`,
    );
  }
  if (!parameters.every(Number.isFinite)) {
    throw new CheckpointError(`${path}: some weights are not finite numbers. Use another checkpoint.`);
  }
}
