import { CheckpointError, ConfigError } from '../../utils/errors.js';
import type { SamplerStart } from './start.js';

/** @throws ConfigError unless the timesteps decrease strictly within 1..largest */
export function checkDecreasing(timesteps: readonly number[], largest: number): void {
  let bound = largest + 1;
  for (const [i, t] of timesteps.entries()) {
    if (!Number.isInteger(t) || t < 1 || t >= bound) {
      throw new ConfigError(
        `Sampling timesteps must be integers that decrease strictly within 1..${largest}, got ${t} at position ${i}.`,
      );
    }
    bound = t;
  }
  if (timesteps.length === 0) throw new ConfigError('The list of sampling timesteps is empty: give at least one.');
}

/** @throws ConfigError where shape, values and labels do not agree */
export function checkStart({ x, labels }: SamplerStart): void {
  const [batch, channels, height, width] = x.shape;
  if (x.data.length !== batch * channels * height * width || labels.length !== batch) {
    throw new ConfigError(
      `Sampling images of shape [${x.shape.join(', ')}] needs ${batch * channels * height * width} values of noise and ` +
        `${batch} labels, got ${x.data.length} and ${labels.length}.`,
    );
  }
}

/** @throws ConfigError for a prediction of the wrong size, CheckpointError for one with a value that is not finite */
export function checkPrediction(prediction: Float32Array, length: number, t: number): void {
  if (prediction.length !== length) {
    throw new ConfigError(
      `The denoiser returned ${prediction.length} values for a batch of ${length} at timestep ${t}; they must be as many.`,
    );
  }
  const at = firstNotFinite(prediction);
  if (at >= 0) {
    throw new CheckpointError(
      `The denoiser predicted ${String(prediction[at])} at timestep ${t} (value ${at} of ${length}): its weights are damaged ` +
        'or its training diverged; load an earlier checkpoint.',
    );
  }
}

/** @throws ConfigError where a step that began with finite values ended with others */
export function checkFinite(x: Float32Array, t: number): void {
  const at = firstNotFinite(x);
  if (at >= 0) {
    throw new ConfigError(
      `The images became ${String(x[at])} on the way to timestep ${t} (value ${at} of ${x.length}), beyond what float32 holds: ` +
        'most likely the guidance is far too strong, or the model predicts the noise where the schedule leaves next to no ' +
        'image. Lower the guidance weight, or keep the predicted image in range (clipX0).',
    );
  }
}

/** Index of the first value that is not finite, or -1. */
function firstNotFinite(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  // A finite float64 sum of float32 values proves them all finite.
  return Number.isFinite(sum) ? -1 : values.findIndex((value) => !Number.isFinite(value));
}
