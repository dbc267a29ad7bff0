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

/**
 * Pixels lie within [-1, 1] and noise within about 6: where x_t is beyond this, the steps before went astray, and what the network makes
 * of it says nothing about its weights.
 */
const LARGEST_PLAUSIBLE = 100;

/** What makes images leave the range of pixels, and what to do about it. */
const CAUSES =
  'most likely the guidance weight is far too large, or the model predicts noise at timesteps that are almost pure noise. ' +
  'Lower the guidance weight, or clip the predicted image (clipX0).';

/**
 * @param prediction of x_0 from x
 * @param x x_t, finite
 * @throws ConfigError for a prediction of the wrong size, and where x had left the range of images before; CheckpointError for another
 *   value that is not finite
 */
export function checkPrediction(prediction: Float32Array, x: Float32Array, t: number): void {
  const { length } = x;
  if (prediction.length !== length) {
    throw new ConfigError(
      `The denoiser returned ${prediction.length} values for a batch of ${length} at timestep ${t}; the two numbers must be equal.`,
    );
  }
  const at = firstNotFinite(prediction);
  if (at < 0) return;
  const found = `The denoiser predicted ${String(prediction[at])} at timestep ${t} (value ${at} of ${length})`;
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest > LARGEST_PLAUSIBLE) {
    throw new ConfigError(`${found}, where the images had grown to ${largest.toPrecision(2)}: ${CAUSES}`);
  }
  throw new CheckpointError(`${found}: its weights are damaged or its training diverged; load an earlier checkpoint.`);
}

/** @throws ConfigError where a step that began with finite values ended with others */
export function checkFinite(x: Float32Array, t: number): void {
  const at = firstNotFinite(x);
  if (at >= 0) {
    throw new ConfigError(
      `The images became ${String(x[at])} on the step to timestep ${t} (value ${at} of ${x.length}), beyond the range of float32: ${CAUSES}`,
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
