import { ConfigError } from '../utils/errors.js';
import { NULL_LABEL, type Denoiser, type Network, type Predict } from './denoiser.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { twoPredictions } from './two-predictions.js';
import { callback, finite, number, numbers, options, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/**
 * The largest guidance weight ω. Published ones are below 20. Two predictions in float32 that should agree differ by about 1e-6 of
 * their size, which ω multiplies: from about here on, images are made of that.
 */
export const LARGEST_GUIDANCE_WEIGHT = 1000;

/** How strongly to guide, in either of the two conventions: s = 1 + ω. */
export interface GuidanceStrength {
  /** Guidance weight ω, 0 to `LARGEST_GUIDANCE_WEIGHT`, of Ho & Salimans 2022 (equation 6): (1 + ω) · conditional - ω · unconditional. */
  readonly guidanceWeight?: number | undefined;
  /** Guidance scale s, 1 to 1 + `LARGEST_GUIDANCE_WEIGHT`, of other libraries, diffusers for one. */
  readonly guidanceScale?: number | undefined;
}

/** Where guidance applies, and what is done about its side effects; neither is the paper's. */
export interface GuidanceOptions {
  /** First and last timestep at which to guide; default all. See `guidanceTimesteps`. */
  readonly interval?: readonly [first: number, last: number] | undefined;
  /** 0 (default) to 1: how far to bring each image's standard deviation back to that of the conditional prediction. */
  readonly rescale?: number | undefined;
}

const withGuidanceArguments = signature('withGuidance', {
  predict: callback,
  weight: number,
  options: options({ interval: numbers.optional(), rescale: number.optional() }).optional(),
});

/**
 * Classifier-free guidance: ε̃ = (1 + ω) · ε(x, t, c) - ω · ε(x, t) (equation 6), for a prediction of ε, x_0 or v alike.
 *
 * Where ω > 0 applies, a call runs `predict` once, on a batch of 2B: the images with their labels, then the same images with
 * `NULL_LABEL`. Elsewhere, and for a batch without labels, it runs the B images alone. An image whose own label is `NULL_LABEL`
 * gets the unconditional prediction, whatever ω.
 *
 * With `rescale` φ the guided prediction is multiplied by φ · std(conditional) / std(guided) + (1 - φ), image by image (Lin et
 * al. 2023, equations 15 and 16); a guided prediction without contrast, std(guided) = 0 up to rounding, stays as it is. Made for v and ε, whose mean is about 0: a predicted x_0 with a dark background turns grey.
 *
 * @param weight guidance weight ω, 0 to `LARGEST_GUIDANCE_WEIGHT`
 * @throws ConfigError for any other ω, and for a `rescale` outside [0, 1]
 */
export function withGuidance<P extends Network | Denoiser>(
  predict: P,
  weight: number,
  options: GuidanceOptions = {},
): P {
  withGuidanceArguments({ predict, weight, options });
  const { interval: [first, last] = [-Infinity, Infinity], rescale = 0 } = options;
  if (!(weight >= 0 && weight <= LARGEST_GUIDANCE_WEIGHT)) {
    throw new ConfigError(
      `The guidance weight omega must be a number from 0 to ${LARGEST_GUIDANCE_WEIGHT}, got ${weight}.`,
    );
  }
  if (!(rescale >= 0 && rescale <= 1)) {
    throw new ConfigError(`The guidance rescale must be a number from 0 to 1, got ${rescale}.`);
  }
  if (weight === 0) return predict;

  const guided: Predict = async (x, timesteps, labels) => {
    const applies = Array.from(timesteps, (t, image) => t >= first && t <= last && labels[image] !== NULL_LABEL);
    if (!applies.includes(true)) return predict(x, timesteps, labels);

    const nullLabels = new Int32Array(labels.length).fill(NULL_LABEL);
    const [conditional, unconditional] = await twoPredictions(predict, x, timesteps, labels, nullLabels);
    const pixels = conditional.length / x.shape[0];
    const images = conditional.slice();
    for (const image of applies.keys()) {
      // For an image without a class both are the unconditional prediction, and ω has nothing to push away from.
      if (applies[image] !== true) continue;
      const ofImage = (values: Float32Array): Float32Array => values.subarray(image * pixels, (image + 1) * pixels);
      guide(ofImage(conditional), ofImage(unconditional), weight, ofImage(images));
      if (rescale > 0) rescaleTo(ofImage(conditional), ofImage(images), rescale);
    }
    return images;
  };
  return guided as P;
}

/**
 * Equation 6 for one image: (1 + ω) · conditional - ω · unconditional.
 *
 * @param out where it is put
 */
export function guide(conditional: Float32Array, unconditional: Float32Array, weight: number, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = (1 + weight) * (conditional[i] as number) - weight * (unconditional[i] as number);
  }
}

const resolveGuidanceWeightArguments = signature('resolveGuidanceWeight', {
  strength: options({ guidanceWeight: number.optional(), guidanceScale: number.optional() }),
  otherwise: finite,
});

/**
 * The guidance weight ω of either convention.
 *
 * @param otherwise ω where neither is given
 * @throws ConfigError where both are given, or s is out of range
 */
export function resolveGuidanceWeight(strength: GuidanceStrength, otherwise: number): number {
  resolveGuidanceWeightArguments({ strength, otherwise });
  const { guidanceWeight, guidanceScale } = strength;
  if (guidanceScale === undefined) return guidanceWeight ?? otherwise;
  if (guidanceWeight !== undefined) {
    throw new ConfigError('Give the guidance weight omega or the guidance scale s = 1 + omega, not both.');
  }
  if (!(guidanceScale >= 1 && guidanceScale <= 1 + LARGEST_GUIDANCE_WEIGHT)) {
    throw new ConfigError(
      `The guidance scale s = 1 + omega must be a number from 1 to ${1 + LARGEST_GUIDANCE_WEIGHT}, got ${guidanceScale}.`,
    );
  }
  return guidanceScale - 1;
}

const guidanceTimestepsArguments = signature('guidanceTimesteps', { schedule, interval: numbers });

/**
 * The timesteps whose noise level √((1 - ᾱ_t) / ᾱ_t), the σ of EDM, lies within [low, high]: guidance helps at medium noise
 * levels only (Kynkäänniemi et al. 2024).
 *
 * @throws ConfigError where no timestep is within
 */
export function guidanceTimesteps(
  schedule: NoiseSchedule,
  interval: readonly [number, number],
): [first: number, last: number] {
  guidanceTimestepsArguments({ schedule, interval });
  const [low, high] = interval;
  const levels = schedule.alphasCumprod.map((alphaCumprod) => Math.sqrt((1 - alphaCumprod) / alphaCumprod));
  const within = (level: number): boolean => level >= low && level <= high;
  const [first, last] = [levels.findIndex(within) + 1, levels.findLastIndex(within) + 1];
  if (first === 0) {
    throw new ConfigError(
      `No timestep has a noise level from ${low} to ${high}; the noise levels of this schedule range from ` +
        `${Number(levels[0]?.toPrecision(3))} to ${Number(levels.at(-1)?.toPrecision(3))}.`,
    );
  }
  return [first, last];
}

/** Below this share of its largest value, a prediction's standard deviation is rounding of float32: the image is constant. */
const NO_CONTRAST = 1e-6;

/** guided · (φ · std(conditional) / std(guided) + (1 - φ)), in place; a constant image has no contrast that could be brought back. */
function rescaleTo(conditional: Float32Array, guided: Float32Array, rescale: number): void {
  const deviation = standardDeviation(guided);
  const largest = guided.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (deviation <= NO_CONTRAST * largest) return;
  const factor = (rescale * standardDeviation(conditional)) / deviation + (1 - rescale);
  for (let i = 0; i < guided.length; i++) guided[i] = factor * (guided[i] as number);
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
