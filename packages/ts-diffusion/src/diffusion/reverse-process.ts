import type { Denoiser } from './denoiser.js';
import { linearCombination } from './linear-combination.js';
import { alphaCumprodAt, type NoiseSchedule } from './noise-schedule.js';
import { resamplingWalk, type Resampling } from './resampling.js';
import { reverseTransition } from './reverse-transition.js';
import { checkDecreasing, checkFinite, checkPrediction, checkStart } from './samplers/checks.js';
import type { OwnSamplerOptions, Sampler, SamplerStart } from './samplers/index.js';
import { ownOptions } from './samplers/own-options.js';
import type { OptionsOfChoice } from './samplers/sampler-choice.js';
import { createThreshold, type ThresholdOptions } from './threshold.js';
import { callback, flag, number, numbers, options, record, signature } from '../utils/arguments.js';
import { sampler, schedule } from '../utils/argument-shapes.js';
import { samplerStart } from '../utils/training-shapes.js';

/** Options of the reverse process, whatever the sampler, and those that single samplers own. */
export interface SamplerOptions extends OwnSamplerOptions, ThresholdOptions {
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

const reverseOptions = options({
  timesteps: numbers.optional(),
  resampling: record.optional(),
  clipX0: flag.optional(),
  dynamicThreshold: number.optional(),
}).optional();
const reverseProcessArguments = signature('reverseProcess', {
  sampler,
  denoiser: callback,
  schedule,
  start: samplerStart,
  options: reverseOptions,
});

/**
 * Runs the reverse process with a sampler. Yields steps + 1 states: the starting x, each intermediate image, and at last the
 * finished images, timestep 0. Each state but the last is yielded once the denoiser has seen it. Same start, same noise: same
 * images.
 *
 * @param options those of `SamplerOptions`, and where the sampler is a user's own, its own
 * @throws ConfigError for a list of timesteps that does not decrease within 1..T, for an option out of range or of another
 * algorithm, where the denoiser predicts the wrong number of values, and where the images leave the range of float32
 * @throws CheckpointError where the denoiser predicts another value that is not finite
 */
export async function* reverseProcess<const Choice extends Sampler>(
  sampler: Choice,
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  start: SamplerStart,
  options?: SamplerOptions & OptionsOfChoice<Choice>,
): AsyncGenerator<SamplerState, void, void> {
  reverseProcessArguments({ sampler, denoiser, schedule, start, options });
  const {
    timesteps = allTimesteps(schedule),
    resampling,
    clipX0,
    dynamicThreshold,
    ...given
  }: SamplerOptions = options ?? {};
  checkDecreasing(timesteps, schedule.timesteps);
  checkStart(start);
  const own = ownOptions(sampler, given);
  const threshold = createThreshold({ clipX0, dynamicThreshold });
  const { shape } = start.x;
  const pixels = start.x.data.length / shape[0];
  const predict = async (data: Float32Array, t: number): Promise<Float32Array> => {
    const prediction = await denoiser({ shape, data }, new Float32Array(shape[0]).fill(t), start.labels);
    checkPrediction(prediction, data, t);
    return prediction;
  };
  const denoise = async (data: Float32Array, t: number) => threshold(await predict(data, t), pixels);
  const noise = () => start.noise.next();

  const walk = resamplingWalk(timesteps, resampling);
  const steps = walk.filter((t, i) => t > (walk[i + 1] ?? Infinity)).length;
  let advance = sampler.step(own);
  let x = start.x.data;
  let step = 0;
  for (const [i, t] of walk.slice(0, -1).entries()) {
    const next = walk[i + 1] as number;
    if (next > t) {
      x = forward(schedule, x, t, next, noise());
      advance = sampler.step(own);
      continue;
    }
    const transition = reverseTransition(schedule, t, next);
    const prediction = await predict(x, t);
    const { singular, signal } = transition;
    const lost = singular && signal > 0 && signal < SMALLEST_SIGNAL;
    const unclippedX0 = lost ? withoutRoundingErrors(prediction, pixels) : prediction;
    const predictedX0 = threshold(unclippedX0, pixels);
    yield { timestep: t, x, predictedX0, step, steps };
    x = await advance({ transition, x, predictedX0, unclippedX0, noise, denoise });
    checkFinite(x, next);
    step++;
  }
  yield { timestep: 0, x, predictedX0: x, step, steps };
}

/**
 * The smallest √ᾱ_t at which a prediction of the noise tells x_0: x_t and ε are float32, whose rounding, 2^-24 of about 1 each, is a quarter
 * of the model range of x_0 here, and the whole of it soon below, as for the last eighth of the unscaled linear schedule of T = 4000. At
 * ᾱ_t = 0 itself such predictions are refused (`asX0`), and all others are exact.
 */
const SMALLEST_SIGNAL = 2 ** -22;

/** Model range is [-1, 1], and a network that predicts the image itself stays near it. */
const LARGEST_PIXEL = 2;

/**
 * Where next to nothing is left of the image, x_0 = (x_t - √(1 - ᾱ_t) · ε) / √ᾱ_t is the rounding of x_t and ε, divided by √ᾱ_t. Short
 * steps multiply it by as little again; a step from infinite noise would believe it. Such an image becomes 0, mid-grey.
 */
function withoutRoundingErrors(predictedX0: Float32Array, pixels: number): Float32Array {
  const images = predictedX0.slice();
  for (let begin = 0; begin < images.length; begin += pixels) {
    const image = images.subarray(begin, begin + pixels);
    if (image.some((value) => Math.abs(value) > LARGEST_PIXEL)) image.fill(0);
  }
  return images;
}

function allTimesteps({ timesteps }: NoiseSchedule): number[] {
  return Array.from({ length: timesteps }, (_, i) => timesteps - i);
}

/** x_t from x_s, t > s: √(ᾱ_t / ᾱ_s) · x_s + √(1 - ᾱ_t / ᾱ_s) · ε (equation 2 over several steps). */
function forward(schedule: NoiseSchedule, x: Float32Array, s: number, t: number, noise: Float32Array): Float32Array {
  const alpha = alphaCumprodAt(schedule, t) / alphaCumprodAt(schedule, s);
  return linearCombination([Math.sqrt(alpha), x], [Math.sqrt(1 - alpha), noise]);
}
