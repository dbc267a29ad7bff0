import { toModelRange } from '../utils/pixel-range.js';
import type { Denoiser } from '../diffusion/denoiser.js';
import { addNoise } from '../diffusion/forward-process.js';
import { alphaCumprodAt, type NoiseSchedule } from '../diffusion/noise-schedule.js';
import { checkDecreasing, checkPrediction } from '../diffusion/samplers/checks.js';
import { samplers } from '../diffusion/samplers/index.js';
import { ownOptions } from '../diffusion/samplers/own-options.js';
import { createThreshold } from '../diffusion/threshold.js';
import { EvaluationError } from '../utils/errors.js';
import { Purpose, RandomStream } from '../utils/random.js';
import { drawTerms } from './bound-draws.js';
import { mean, standardDeviation } from './moments.js';
import type { ProgressHook } from './progress.js';
import { boundTerms, priorNats, type BoundTerm } from './variational-bound.js';
import {
  bytes,
  callback,
  count,
  flag,
  integers,
  number,
  numbers,
  options,
  positiveCount,
  signature,
  text,
} from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/** Images to find the likelihood of. */
export interface LabelledImages {
  readonly shape: readonly [count: number, channels: number, height: number, width: number];
  /** 0..255. */
  readonly bytes: Uint8Array;
  /** One class per image, `NULL_LABEL` for the unconditional likelihood. */
  readonly labels: Int32Array;
}

/** How `bitsPerDim` bounds the likelihood. */
export interface BitsPerDimOptions {
  /** The noise of image i at timestep t depends on (seed, i, t) alone. */
  readonly seed: number;
  /** The chain whose likelihood is bounded, strictly decreasing within 1..T. Default: T, T-1, ..., 1. */
  readonly timesteps?: readonly number[];
  /** Variance of the reverse steps, as the sampler's. Default `posterior`. */
  readonly variance?: 'posterior' | 'beta';
  /** Clip the predicted x_0 to [-1, 1], which can only bring it nearer. Default true. */
  readonly clipX0?: boolean;
  /**
   * Evaluate only so many of the chain's steps per image, drawn anew for each image: an unbiased estimate at a fraction of the
   * cost. Default: all.
   */
  readonly termsPerImage?: number;
  /** Images the denoiser is given at once. Default 64. */
  readonly batchSize?: number;
  readonly onProgress?: ProgressHook;
}

/** One step of the chain: its mean over the images for which it was evaluated. */
export interface StepBits {
  readonly timestep: number;
  /** Bits per dimension; null where no image drew this step. */
  readonly bits: number | null;
}

/** A bound of the negative log-likelihood of images, in bits per dimension, and its parts. */
export interface BitsPerDim {
  /** Upper bound of the negative log-likelihood per dimension, in bits: prior + Σ steps, averaged over images. */
  readonly bits: number;
  /** Of `bits`, because images (and, with `termsPerImage`, steps) are a sample; null for a single image. */
  readonly standardError: number | null;
  /** L_T: what is left of the image at the first timestep. */
  readonly prior: number;
  /** L_{T-1} ... L_0, in the order of the chain. */
  readonly steps: readonly StepBits[];
  /** The bound of each image. */
  readonly perImage: Float64Array;
}

const bitsPerDimArguments = signature('bitsPerDim', {
  denoiser: callback,
  schedule,
  images: options({ shape: numbers, bytes, labels: integers }),
  options: options({
    seed: count,
    timesteps: numbers.optional(),
    variance: text.optional(),
    clipX0: flag.optional(),
    termsPerImage: number.optional(),
    batchSize: positiveCount.optional(),
    onProgress: callback.optional(),
  }),
});

/**
 * The negative log-likelihood of images under a diffusion model, in bits per dimension, by the variational bound
 * L_T + Σ L_{t-1} + L_0 (Ho et al. 2020, equation 5; Nichol & Dhariwal 2021, section 3).
 *
 * @param denoiser predicts x_0 (see `asX0`)
 * @throws ConfigError for timesteps that do not decrease within 1..T, another variance, or a denoiser that predicts the wrong number of values
 * @throws EvaluationError for sizes that do not agree, or a number of terms out of range
 * @throws CheckpointError where the denoiser predicts a value that is not finite
 */
export async function bitsPerDim(
  denoiser: Denoiser,
  schedule: NoiseSchedule,
  images: LabelledImages,
  options: BitsPerDimOptions,
): Promise<BitsPerDim> {
  bitsPerDimArguments({ denoiser, schedule, images, options });
  const { seed, variance = 'posterior', batchSize = 64, clipX0 = true, onProgress } = options;
  const { timesteps = Array.from({ length: schedule.timesteps }, (_, i) => schedule.timesteps - i) } = options;
  const { termsPerImage = timesteps.length } = options;
  checkDecreasing(timesteps, schedule.timesteps);
  ownOptions(samplers.ddpm, { variance });
  checkSizes(images, termsPerImage, timesteps.length);
  const [count, ...imageShape] = images.shape;
  const pixels = images.bytes.length / count;
  const bytesOf = (image: number): Uint8Array => images.bytes.subarray(image * pixels, (image + 1) * pixels);
  const terms = boundTerms(schedule, timesteps, variance);
  const threshold = createThreshold({ clipX0 });

  const alphaCumprod = alphaCumprodAt(schedule, timesteps[0] as number);
  const priors = Float64Array.from({ length: count }, (_, i) => priorNats(alphaCumprod, toModelRange(bytesOf(i))));
  const perImage = priors.slice();
  const sums = new Float64Array(terms.length);
  const evaluated = new Uint32Array(terms.length);
  let done = 0;
  for (const batch of batches(drawTerms(seed, count, terms.length, termsPerImage), batchSize)) {
    const batchTimesteps = Float32Array.from(batch, ({ term }) => timesteps[term] as number);
    const x0 = new Float32Array(batch.length * pixels);
    const noise = new Float32Array(batch.length * pixels);
    for (const [row, { image, term }] of batch.entries()) {
      x0.set(toModelRange(bytesOf(image)), row * pixels);
      const index = image * schedule.timesteps + (timesteps[term] as number) - 1;
      new RandomStream(seed, Purpose.likelihoodNoise, index).fillNormal(
        noise.subarray(row * pixels, (row + 1) * pixels),
      );
    }
    const x = addNoise(schedule, x0, batchTimesteps, noise, pixels);
    const labels = Int32Array.from(batch, ({ image }) => images.labels[image] as number);
    const predictions = await denoiser({ shape: [batch.length, ...imageShape], data: x }, batchTimesteps, labels);
    for (const [row, { image, term, weight }] of batch.entries()) {
      const [begin, end] = [row * pixels, (row + 1) * pixels];
      const prediction = predictions.subarray(begin, end);
      checkPrediction(prediction, x.subarray(begin, end), timesteps[term] as number);
      const nats = (terms[term] as BoundTerm).nats(
        bytesOf(image),
        x0.subarray(begin, end),
        threshold(prediction, pixels),
      );
      perImage[image] = (perImage[image] as number) + weight * nats;
      sums[term] = (sums[term] as number) + nats;
      evaluated[term] = (evaluated[term] as number) + 1;
    }
    done += batch.length;
    onProgress?.(done / (count * termsPerImage));
  }

  const bits = perImage.map((nats) => nats / Math.LN2);
  return {
    bits: mean(bits),
    // The deviation divides by N; the error of a mean is that by N - 1, over √N.
    standardError: count > 1 ? standardDeviation(bits) / Math.sqrt(count - 1) : null,
    prior: mean(priors) / Math.LN2,
    steps: timesteps.map((timestep, i) => ({
      timestep,
      bits: evaluated[i] === 0 ? null : (sums[i] as number) / (evaluated[i] as number) / Math.LN2,
    })),
    perImage: bits,
  };
}

function* batches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function checkSizes({ shape, bytes, labels }: LabelledImages, termsPerImage: number, terms: number): void {
  const [count, channels, height, width] = shape;
  if (count < 1 || bytes.length !== count * channels * height * width || labels.length !== count) {
    throw new EvaluationError(
      `Images of shape [${shape.join(', ')}] do not match ${bytes.length} bytes and ${labels.length} labels.`,
    );
  }
  if (!Number.isInteger(termsPerImage) || termsPerImage < 1 || termsPerImage > terms) {
    throw new EvaluationError(
      `The number of terms per image must be from 1 to ${terms}, the steps of the chain, got ${termsPerImage}.`,
    );
  }
}
