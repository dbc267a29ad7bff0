import type { Denoiser, ImageBatch } from './denoiser.js';
import { linearCombination } from './linear-combination.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { reverseTransition } from './reverse-transition.js';
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
 * `log-snr` makes them.
 *
 * @param denoiser predicts x_0; guidance of more than a little is hard to invert
 * @param images clean images in model range [B, C, H, W]
 * @param labels one class per image [B], `NULL_LABEL` for none
 * @returns x at the first of the timesteps, [B, C, H, W]
 * @throws ConfigError unless iterations is an integer >= 0
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
    throw new ConfigError(`The iterations of an inversion are an integer >= 0, got ${iterations}.`);
  }
  const { shape } = images;
  const predict = (data: Float32Array, t: number) =>
    denoiser({ shape, data }, new Float32Array(shape[0]).fill(t), labels);

  const [lowest = NaN, ...upwards] = [...timesteps].reverse();
  // The last step down maps every x to its x_0: it cannot be undone, and the clean image takes its place.
  let x = linearCombination([reverseTransition(schedule, lowest, 0).signal, images.data]);
  let x0 = await predict(x, lowest);
  let previous = lowest;
  for (const t of upwards) {
    const { signal, sigma, signalPrevious, sigmaPrevious } = reverseTransition(schedule, t, previous);
    const ratio = sigma / sigmaPrevious;
    const below = x;
    const stepUp = () => linearCombination([ratio, below], [signal - ratio * signalPrevious, x0]);
    x = stepUp();
    for (let i = 0; i < iterations; i++) {
      x0 = await predict(x, t);
      x = stepUp();
    }
    if (iterations === 0 && t !== timesteps[0]) x0 = await predict(x, t);
    previous = t;
  }
  return x;
}
