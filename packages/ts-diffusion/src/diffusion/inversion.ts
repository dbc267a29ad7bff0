import type { Denoiser, ImageBatch } from './denoiser.js';
import { linearCombination } from './linear-combination.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { reverseTransition } from './reverse-transition.js';
import { checkFinite, checkPrediction } from './samplers/checks.js';
import { ConfigError } from '../utils/errors.js';
import { integers, callback, numbers, options, signature, number } from '../utils/arguments.js';
import { schedule, imageBatch } from '../utils/argument-shapes.js';

/** Where `invert` goes, and how exactly. */
export interface InversionOptions {
  /** The timesteps that DDIM will visit on the way back, decreasing. */
  readonly timesteps: readonly number[];
  /** How often each step is improved, default 2; 0 is plain DDIM inversion (Song et al. 2021, section 4.3). */
  readonly iterations?: number | undefined;
}

const invertArguments = signature('invert', {
  denoiser: callback,
  schedule,
  images: imageBatch,
  labels: integers,
  options: options({ timesteps: numbers, iterations: number.optional() }),
});

/**
 * Encodes images as the noise from which the sampler `ddim` over the same timesteps draws them again: the probability flow run
 * backwards. A step up from x_s looks for the x_t whose DDIM step down arrives at x_s,
 *   x_t = √ᾱ_t · x_0(x_t) + √(1 - ᾱ_t) / √(1 - ᾱ_s) · (x_s - √ᾱ_s · x_0(x_t)),
 * by fixed-point iteration (Pan et al. 2023), one evaluation each; it settles where steps are short in λ, as the spacing
 * `log-snr` makes them. An image for which it moves apart, as two iterations show, gets the plain step.
 *
 * @param denoiser predicts x_0; guidance of more than a little is hard to invert
 * @param images clean images in model range [B, C, H, W]
 * @param labels one class per image [B], `NULL_LABEL` for none
 * @returns x at the first of the timesteps, [B, C, H, W]
 * @throws ConfigError unless iterations is an integer >= 0, and where the images overflow; CheckpointError where the denoiser predicts
 *   values that are not finite
 */
export async function invert(
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  images: ImageBatch,
  labels: Int32Array,
  options: InversionOptions,
): Promise<Float32Array> {
  invertArguments({ denoiser, schedule, images, labels, options });
  const { timesteps, iterations = 2 } = options;
  if (!Number.isInteger(iterations) || iterations < 0) {
    throw new ConfigError(`The number of inversion iterations must be an integer >= 0, got ${iterations}.`);
  }
  const { shape } = images;
  const predict = async (data: Float32Array, t: number): Promise<Float32Array> => {
    checkFinite(data, t);
    const prediction = await denoiser({ shape, data }, new Float32Array(shape[0]).fill(t), labels);
    checkPrediction(prediction, data, t);
    return prediction;
  };

  const [lowest = NaN, ...upwards] = [...timesteps].reverse();
  // The last step down maps every x to its x_0: it cannot be undone, and the clean image takes its place.
  let x = linearCombination([reverseTransition(schedule, lowest, 0).signal, images.data]);
  let x0 = await predict(x, lowest);
  let previous = lowest;
  for (const t of upwards) {
    const { signal, sigma, signalPrevious, sigmaPrevious } = reverseTransition(schedule, t, previous);
    const ratio = sigma / sigmaPrevious;
    const below = x;
    const stepUp = (arrivedAt: Float32Array) =>
      linearCombination([ratio, below], [signal - ratio * signalPrevious, arrivedAt]);
    const plain = { x: stepUp(x0), x0 };
    x = plain.x;
    const changes = new Float64Array(shape[0]).fill(Infinity);
    for (let i = 0; i < iterations; i++) {
      x0 = await predict(x, t);
      if (i === 0) plain.x0 = x0;
      const improved = stepUp(x0);
      keepSettling(changes, { x: improved, x0 }, x, plain);
      x = improved;
    }
    if (iterations === 0 && t !== timesteps[0]) x0 = await predict(x, t);
    previous = t;
  }
  return x;
}

/**
 * Takes the images back to their plain step, for good, whose iterates move apart: where a step is long, the fixed point repels, and
 * what the plain step gives is nearer to it.
 *
 * @param changes how far each image moved in the iteration before [B]; updated
 * @param improved what the iteration gives; written to
 * @param x what it began from
 */
function keepSettling(
  changes: Float64Array,
  improved: { readonly x: Float32Array; readonly x0: Float32Array },
  x: Float32Array,
  plain: { readonly x: Float32Array; readonly x0: Float32Array },
): void {
  const pixels = x.length / changes.length;
  for (const [image, before] of changes.entries()) {
    const [begin, end] = [image * pixels, (image + 1) * pixels];
    let change = 0;
    for (let i = begin; i < end; i++) change += ((improved.x[i] as number) - (x[i] as number)) ** 2;
    changes[image] = change;
    if (change <= before) continue;
    improved.x.set(plain.x.subarray(begin, end), begin);
    improved.x0.set(plain.x0.subarray(begin, end), begin);
    // The next iteration makes the same change again: it is more than none.
    changes[image] = 0;
  }
}
