import { ConfigError } from '../../utils/errors.js';
import type { Denoiser, ImageBatch } from '../denoiser.js';
import type { NoiseSchedule } from '../noise-schedule.js';
import type { NoiseSource } from '../noise-source.js';
import { reverseTransition, type ReverseTransition } from '../reverse-transition.js';

/** Where sampling begins. */
export interface SamplerStart {
  /** The noise x_T, [B, C, H, W]; the first `next()` of the noise source. Never written to. */
  readonly x: ImageBatch;
  /** One class per image [B], `NULL_LABEL` for none. */
  readonly labels: Int32Array;
  /** The noise of the steps to come. */
  readonly noise: Pick<NoiseSource, 'next'>;
}

export interface SamplerOptions {
  /** The timesteps to visit, strictly decreasing within 1..T; after the last one comes 0. Default: T, T-1, ..., 1. */
  readonly timesteps?: readonly number[] | undefined;
  /** Clip the predicted x_0 to the model range [-1, 1] at every step. Default: false, as in the paper. */
  readonly clipX0?: boolean | undefined;
}

/** One moment of the reverse process. Its arrays are its own: no later step writes to them. */
export interface SamplerState {
  /** The timestep of x: the first of the list to begin with, 0 at the end. */
  readonly timestep: number;
  /** x_t, [B, C, H, W]. */
  readonly x: Float32Array;
  /** The finished image as predicted from x_t (equation 4 solved for x_0), [B, C, H, W]; x itself at the end. */
  readonly predictedX0: Float32Array;
  /** Steps made so far: 0..steps. */
  readonly step: number;
  readonly steps: number;
}

/**
 * Runs the reverse process. Yields steps + 1 states: the starting x_T, each intermediate image, and at last the finished
 * images, timestep 0. Each state but the last is yielded once the denoiser has seen it. Same start, same noise: same images.
 *
 * @throws ConfigError for a list of timesteps that does not decrease within 1..T
 * @throws RangeError where the denoiser predicts the wrong number of values, or one that is not finite
 */
export type Sampler = (
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  start: SamplerStart,
  options?: SamplerOptions,
) => AsyncGenerator<SamplerState, void, void>;

/** What one step of an algorithm works from. */
export interface SamplerStep {
  readonly transition: ReverseTransition;
  /** x_t. */
  readonly x: Float32Array;
  /** The predicted noise; where x_0 was clipped, the noise that the clipped x_0 implies. */
  readonly epsilon: Float32Array;
  readonly predictedX0: Float32Array;
  /** The standard normals of this step; an algorithm that adds none never calls it. */
  readonly noise: () => Float32Array;
}

/**
 * Builds a sampler from the one thing that tells algorithms apart: the step x_t -> x_previous, into a new array. `makeStep`
 * is called once per run, so that a multistep algorithm can keep earlier predictions in its closure.
 */
export function createSampler(makeStep: () => (input: SamplerStep) => Float32Array): Sampler {
  return async function* (denoiser, schedule, start, options = {}) {
    const timesteps = options.timesteps ?? Array.from({ length: schedule.timesteps }, (_, i) => schedule.timesteps - i);
    checkDecreasing(timesteps, schedule.timesteps);
    checkStart(start);
    const step = makeStep();
    const steps = timesteps.length;
    const { shape } = start.x;
    let x = start.x.data;
    for (const [i, t] of timesteps.entries()) {
      const transition = reverseTransition(schedule, t, timesteps[i + 1] ?? 0);
      const prediction = await denoiser({ shape, data: x }, new Float32Array(shape[0]).fill(t), start.labels);
      checkPrediction(prediction, x.length, t);
      const { epsilon, predictedX0 } = predict(x, prediction, transition.alphaCumprod, options.clipX0 ?? false);
      yield { timestep: t, x, predictedX0, step: i, steps };
      x = step({ transition, x, epsilon, predictedX0, noise: () => start.noise.next() });
    }
    yield { timestep: 0, x, predictedX0: x, step: steps, steps };
  };
}

/** x_0 = (x_t - √(1 - ᾱ_t) · ε) / √ᾱ_t (equation 4 solved for x_0). Clipping x_0 changes the ε that goes with it. */
function predict(x: Float32Array, prediction: Float32Array, alphaCumprod: number, clipX0: boolean) {
  const signalScale = Math.sqrt(alphaCumprod);
  const noiseScale = Math.sqrt(1 - alphaCumprod);
  const predictedX0 = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    predictedX0[i] = ((x[i] as number) - noiseScale * (prediction[i] as number)) / signalScale;
  }
  if (!clipX0) return { epsilon: prediction, predictedX0 };

  const epsilon = prediction.slice();
  for (let i = 0; i < x.length; i++) {
    const x0 = predictedX0[i] as number;
    if (x0 >= -1 && x0 <= 1) continue;
    const clipped = x0 > 0 ? 1 : -1;
    predictedX0[i] = clipped;
    epsilon[i] = ((x[i] as number) - signalScale * clipped) / noiseScale;
  }
  return { epsilon, predictedX0 };
}

function checkDecreasing(timesteps: readonly number[], largest: number): void {
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

function checkStart({ x, labels }: SamplerStart): void {
  const [batch, channels, height, width] = x.shape;
  if (x.data.length !== batch * channels * height * width || labels.length !== batch) {
    throw new RangeError(
      `Sampling images of shape [${x.shape.join(', ')}] needs ${batch * channels * height * width} values of noise and ` +
        `${batch} labels, got ${x.data.length} and ${labels.length}.`,
    );
  }
}

function checkPrediction(prediction: Float32Array, length: number, t: number): void {
  if (prediction.length !== length) {
    throw new RangeError(
      `The denoiser returned ${prediction.length} values for a batch of ${length} at timestep ${t}; they must be as many.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < length; i++) sum += prediction[i] as number;
  if (!Number.isFinite(sum)) {
    const at = prediction.findIndex((value) => !Number.isFinite(value));
    throw new RangeError(
      `The denoiser predicted ${String(prediction[at])} at timestep ${t} (value ${at} of ${length}): its weights are damaged ` +
        'or its training diverged; load an earlier checkpoint.',
    );
  }
}
