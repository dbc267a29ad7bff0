import { NULL_LABEL } from '../diffusion/denoiser.js';
import type { GuidanceStrength } from '../diffusion/guidance.js';
import { samplerNames, type SamplerName, type SamplerOptions, type SamplerState } from '../diffusion/samplers/index.js';
import { timestepSpacings, type TimestepSpacing } from '../diffusion/timestep-spacing.js';
import { ConfigError } from '../utils/errors.js';
import { LARGEST_BATCH, type Span } from './batches.js';

/** How to sample. Guidance: omega or guidanceScale; without either as the model was configured. */
export interface SamplingOptions extends SamplerOptions, GuidanceStrength {
  /** Guide only at noise levels √((1 - ᾱ_t) / ᾱ_t), EDM's σ, from the first to the second (Kynkäänniemi et al. 2024). */
  readonly guidanceInterval?: readonly [low: number, high: number] | undefined;
  /** 0 (default) to 1: bring the contrast of guided predictions back to that of unguided ones (Lin et al. 2023). */
  readonly guidanceRescale?: number | undefined;
  /** Seed 0..2^53-1, default 0. Image i of a seed draws the same noise at any batch size. */
  readonly seed?: number | undefined;
  /** Which image of the seed the first one is, default 0: a large set can be drawn in parts. */
  readonly firstImage?: number | undefined;
  /** Most images sampled together, 1..256; default 128. */
  readonly batchSize?: number | undefined;
  /** Sampling algorithm; default `ddpm`, the paper's Algorithm 2. */
  readonly sampler?: SamplerName | undefined;
  /** How many of the T timesteps to visit; 0: all. Default: as the model was configured. */
  readonly samplingSteps?: number | undefined;
  /** How these are spread over 1..T; default `even`. */
  readonly spacing?: TimestepSpacing | undefined;
}

/** What to sample, and how. */
export interface SampleOptions extends SamplingOptions {
  /** One label per image, in order: 0..classes-1, or `NULL_LABEL` for an image without a class. */
  readonly labels: ArrayLike<number>;
}

/** Which images to change, and how. */
export interface EditOptions extends SampleOptions {
  /** The images [N, H, W], 0..255; `labels` are what they shall become. */
  readonly images: Uint8Array;
  /** How far to noise them before they are drawn again, as a share of T in (0, 1]; default 0.6. */
  readonly strength?: number | undefined;
}

/** Which images to complete, and how. */
export interface InpaintOptions extends SampleOptions {
  /** The images [N, H, W], 0..255. */
  readonly images: Uint8Array;
  /** [H, W] for all images or [N, H, W]: not 0 where to draw, 0 where the image is known. */
  readonly mask: Uint8Array;
}

/** One end of an interpolation. */
export interface InterpolationEnd {
  readonly label: number;
  /** x_T [C, H, W]: of `initialNoise`, or what `encode` found for an image. */
  readonly noise: Float32Array;
}

/** Between what to interpolate, and how. The sampler has to be one that adds no noise; default `ddim`. */
export interface InterpolateOptions extends SamplingOptions {
  readonly from: InterpolationEnd;
  readonly to: InterpolationEnd;
  /** Images in all, both ends included; at least 2. */
  readonly frames: number;
}

/** Which images to encode, and how. Omega is 0 unless given: guidance is hard to invert. The spacing is `log-snr` by default. */
export interface EncodeOptions extends Pick<
  SamplingOptions,
  'omega' | 'guidanceScale' | 'samplingSteps' | 'spacing' | 'timesteps'
> {
  /** [N, H, W], 0..255. */
  readonly images: Uint8Array;
  readonly labels: ArrayLike<number>;
  /** How often each step is improved; default 2. See `invert`. */
  readonly iterations?: number | undefined;
}

/** Images as noise. */
export interface EncodedImages {
  /** x_T, [N, C, H, W]. */
  readonly noise: Float32Array;
  /** What `ddim` draws from that noise, [N, H, W], 0..255. */
  readonly reconstruction: Uint8Array;
  /** Root mean square difference between image and reconstruction [N], in model range, where black and white differ by 2. */
  readonly errors: Float64Array;
}

/** One step of the sampler for one batch of the images asked for. */
export interface PipelineState extends SamplerState, Span {
  /** Images asked for in all. `first` is the index among them of the batch's first image; the batch has `count`. */
  readonly total: number;
}

/** Finished images with their labels. */
export interface GeneratedImages {
  /** [N, H, W], 0 (black) to 255 (white). */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** @throws ConfigError for an unknown sampler or spacing, and for a seed, image or batch size out of range */
export function checkSamplingOptions(options: SamplingOptions): void {
  const { seed = 0, firstImage = 0, batchSize = 1, sampler = 'ddpm', spacing = 'even' } = options;
  check('sampler', sampler, samplerNames.includes(sampler), `one of ${samplerNames.join(', ')}`);
  check('spacing', spacing, timestepSpacings.includes(spacing), `one of ${timestepSpacings.join(', ')}`);
  check('seed', seed, Number.isSafeInteger(seed) && seed >= 0, 'an integer from 0 to 2^53-1');
  const isImage = Number.isInteger(firstImage) && firstImage >= 0 && firstImage < 2 ** 31;
  check('firstImage', firstImage, isImage, 'an integer from 0 to 2^31-1');
  const inRange = Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= LARGEST_BATCH;
  check('batchSize', batchSize, inRange, `an integer from 1 to ${LARGEST_BATCH}`);
}

/** What a model knows of classes. */
export interface KnownClasses {
  readonly model: { readonly classes: number };
  readonly seenClasses: readonly number[];
}

/**
 * The labels as an array of their own.
 *
 * @throws ConfigError for one that is neither `NULL_LABEL` nor a class of the model, or a class that never occurred in training
 */
export function checkLabels(labels: ArrayLike<number>, { model: { classes }, seenClasses }: KnownClasses): Int32Array {
  for (const label of new Set(Array.from(labels))) {
    if (label === NULL_LABEL || seenClasses.includes(label)) continue;
    const known = Number.isInteger(label) && label >= 0 && label < classes;
    check('label', label, known, `0..${classes - 1}, the classes of this model, or ${NULL_LABEL} for no class`);
    check(
      'label',
      label,
      false,
      `one of ${seenClasses.join(', ')}, the classes that occurred in this model's training, or ${NULL_LABEL} for no class`,
    );
  }
  return Int32Array.from(labels);
}

/** @throws ConfigError unless there are `count` images of `size` x `size` pixels */
export function checkImages(images: Uint8Array, count: number, size: number): void {
  if (images.length !== count * size ** 2) {
    throw new ConfigError(
      `${count} images of ${size}x${size}, the size of this model, have ${count * size ** 2} pixels; got ${images.length}.`,
    );
  }
}

function check(name: string, value: number | string, valid: boolean, expected: string): void {
  if (!valid) throw new ConfigError(`${name} is ${value}; expected ${expected}.`);
}
