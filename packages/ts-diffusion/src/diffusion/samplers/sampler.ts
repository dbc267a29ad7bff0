import { ConfigError } from '../../utils/errors.js';
import type { Denoiser, ImageBatch } from '../denoiser.js';
import { linearCombination } from '../linear-combination.js';
import { alphaCumprodAt, type NoiseSchedule } from '../noise-schedule.js';
import type { NoiseSource } from '../noise-source.js';
import { resamplingWalk, type Resampling } from '../resampling.js';
import { reverseTransition, type ReverseTransition } from '../reverse-transition.js';
import { createThreshold, type ThresholdOptions } from '../threshold.js';
import { checkDecreasing, checkFinite, checkPrediction, checkStart } from './checks.js';

/** Where sampling begins. */
export interface SamplerStart {
  /** x at the first timestep, usually noise: the first `next()` of the noise source. [B, C, H, W]; never written to. */
  readonly x: ImageBatch;
  /** One class per image [B], `NULL_LABEL` for none. */
  readonly labels: Int32Array;
  /** The noise of the steps to come. */
  readonly noise: Pick<NoiseSource, 'next'>;
}

/** Options of single algorithms. */
export interface AlgorithmOptions {
  /** DDIM: how much noise its steps add, 0 (none, default) to 1 (as much as DDPM with the posterior variance). */
  readonly eta?: number | undefined;
  /** DDPM: the variance of x_s given x_t; `posterior` (default, the paper's) or the larger `beta`. */
  readonly variance?: 'posterior' | 'beta' | undefined;
}

export interface SamplerOptions extends AlgorithmOptions, ThresholdOptions {
  /** The timesteps to visit, strictly decreasing within 1..T; after the last one comes 0. Default: T, T-1, ..., 1. */
  readonly timesteps?: readonly number[] | undefined;
  /** Go back to noisier timesteps now and then, so that the pixels of an inpainting settle with the known ones. */
  readonly resampling?: Resampling | undefined;
}

/** One moment of the reverse process. Its arrays are its own: no later step writes to them. */
export interface SamplerState {
  /** The timestep of x: the first of the list to begin with, 0 at the end. */
  readonly timestep: number;
  /** x_t, [B, C, H, W]. */
  readonly x: Float32Array;
  /** The finished image as predicted from x_t, [B, C, H, W], clipped where that was asked for; x itself at the end. */
  readonly predictedX0: Float32Array;
  /** Steps made so far: 0..steps. */
  readonly step: number;
  readonly steps: number;
}

/**
 * Runs the reverse process, given a denoiser that predicts x_0 (see `asX0`). Yields steps + 1 states: the starting x, each
 * intermediate image, and at last the finished images, timestep 0. Each state but the last is yielded once the denoiser has
 * seen it. Same start, same noise: same images.
 *
 * @throws ConfigError for a list of timesteps that does not decrease within 1..T, and for an option out of range or of
 * another algorithm
 * @throws RangeError where the denoiser predicts the wrong number of values, or a value is not finite
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
  /** E[x_0 | x_t] as predicted, clipped where that was asked for. */
  readonly predictedX0: Float32Array;
  /** The standard normals of this step; an algorithm that adds none never calls it. */
  readonly noise: () => Float32Array;
  /** The prediction of x_0 from another x at another timestep, for algorithms of two evaluations per step. */
  readonly denoise: (x: Float32Array, timestep: number) => Promise<Float32Array>;
}

/** x_t -> x_s, in a new array. */
export type Step = (input: SamplerStep) => Float32Array | Promise<Float32Array>;

/**
 * Builds a sampler from what tells algorithms apart: the step x_t -> x_s. `makeStep` is called once per run, so that a
 * multistep algorithm can keep earlier predictions in its closure.
 *
 * @param takes which of the algorithms' own options this one has
 */
export function createSampler(
  takes: readonly (keyof AlgorithmOptions)[],
  makeStep: (options: AlgorithmOptions) => Step,
): Sampler {
  return async function* (denoiser, schedule, start, options = {}) {
    const timesteps = options.timesteps ?? Array.from({ length: schedule.timesteps }, (_, i) => schedule.timesteps - i);
    checkDecreasing(timesteps, schedule.timesteps);
    checkStart(start);
    checkOptions(options, takes);
    const threshold = createThreshold(options);
    const { shape } = start.x;
    const pixels = start.x.data.length / shape[0];
    const denoise = async (data: Float32Array, t: number): Promise<Float32Array> => {
      const prediction = await denoiser({ shape, data }, new Float32Array(shape[0]).fill(t), start.labels);
      checkPrediction(prediction, data.length, t);
      return threshold(prediction, pixels);
    };
    const noise = () => start.noise.next();

    const walk = resamplingWalk(timesteps, options.resampling);
    const steps = walk.filter((t, i) => t > (walk[i + 1] ?? Infinity)).length;
    let advance = makeStep(options);
    let x = start.x.data;
    let step = 0;
    for (const [i, t] of walk.slice(0, -1).entries()) {
      const next = walk[i + 1] as number;
      if (next > t) {
        x = forward(schedule, x, t, next, noise());
        advance = makeStep(options);
        continue;
      }
      const transition = reverseTransition(schedule, t, next);
      const predictedX0 = await denoise(x, t);
      yield { timestep: t, x, predictedX0, step, steps };
      x = await advance({ transition, x, predictedX0, noise, denoise });
      checkFinite(x, next);
      step++;
    }
    yield { timestep: 0, x, predictedX0: x, step, steps };
  };
}

/** x_t from x_s, t > s: √(ᾱ_t / ᾱ_s) · x_s + √(1 - ᾱ_t / ᾱ_s) · ε (equation 2 over several steps). */
function forward(schedule: NoiseSchedule, x: Float32Array, s: number, t: number, noise: Float32Array): Float32Array {
  const kept = alphaCumprodAt(schedule, t) / alphaCumprodAt(schedule, s);
  return linearCombination([Math.sqrt(kept), x], [Math.sqrt(1 - kept), noise]);
}

function checkOptions(options: AlgorithmOptions, takes: readonly (keyof AlgorithmOptions)[]): void {
  for (const name of ['eta', 'variance'] as const) {
    if (options[name] !== undefined && !takes.includes(name)) {
      const owner = { eta: 'ddim', variance: 'ddpm' }[name];
      throw new ConfigError(`The option ${name} belongs to the sampler ${owner}; this one has no such option.`);
    }
  }
}
