import { toModelRange } from '../utils/pixel-range.js';
import type { Denoiser } from '../diffusion/denoiser.js';
import { startFromImages } from '../diffusion/image-to-image.js';
import { withKnownPixels } from '../diffusion/inpainting.js';
import { interpolationFractions, slerp, withMixedLabels } from '../diffusion/interpolation.js';
import type { NoiseSource } from '../diffusion/noise-source.js';
import { ConfigError } from '../utils/errors.js';
import type { Span } from './batches.js';
import type { DiffusionPipeline } from './diffusion-pipeline.js';
import {
  checkImages,
  checkLabels,
  type EditOptions,
  type InpaintOptions,
  type InterpolateOptions,
} from './sample-options.js';

/** Where a batch begins: what tells drawing, changing, completing and interpolating images apart. */
export interface BatchStart {
  /** [count, C, H, W], at the first of the timesteps. */
  readonly x: Float32Array;
  /** Default: the guided one. */
  readonly denoiser?: Denoiser;
  /** Default: those that the options name. */
  readonly timesteps?: readonly number[];
  /** The noise of the steps to come. Default: the batch's own. */
  readonly noise?: Pick<NoiseSource, 'next'>;
}

export type BeginBatch = (span: Span, noise: NoiseSource) => BatchStart;

/** Plain drawing: from noise. */
export const beginFromNoise: BeginBatch = (_, noise) => ({ x: noise.next() });

/** For `DiffusionPipeline.edit`. */
export function beginFromImages(pipeline: DiffusionPipeline, options: EditOptions): BeginBatch {
  const { labels, images, strength = 0.6, samplingSteps, spacing } = options;
  const { imageSize } = pipeline.model;
  checkImages(images, labels.length, imageSize);
  const timesteps = options.timesteps ?? pipeline.samplingTimesteps(samplingSteps, spacing);
  return (span, noise) => {
    const x0 = toModelRange(imagesOf(images, span, imageSize));
    return startFromImages(pipeline.schedule, x0, timesteps, strength, noise.next());
  };
}

/** For `DiffusionPipeline.inpaint`. */
export function beginInpainting(pipeline: DiffusionPipeline, options: InpaintOptions): BeginBatch {
  const { labels, images, mask } = options;
  const { imageSize } = pipeline.model;
  const shared = mask.length === imageSize ** 2;
  checkImages(images, labels.length, imageSize);
  checkImages(mask, shared ? 1 : labels.length, imageSize);
  const guided = pipeline.guidedDenoiser(options);
  return (span, noise) => {
    const known = toModelRange(imagesOf(images, span, imageSize));
    const draw = shared
      ? Uint8Array.from(known, (_, i) => mask[i % mask.length] as number)
      : imagesOf(mask, span, imageSize);
    return { x: noise.next(), denoiser: withKnownPixels(guided, known, draw) };
  };
}

/** For `DiffusionPipeline.interpolate`. */
export function beginInterpolation(pipeline: DiffusionPipeline, options: InterpolateOptions): BeginBatch {
  const { from, to, frames } = options;
  const fractions = interpolationFractions(frames);
  const guided = pipeline.guidedDenoiser(options);
  const [toLabel = NaN] = checkLabels([to.label], pipeline);
  return ({ first, count }) => {
    const within = fractions.slice(first, first + count);
    const x = new Float32Array(count * from.noise.length);
    within.forEach((fraction, i) => {
      x.set(slerp(from.noise, to.noise, fraction), i * from.noise.length);
    });
    const denoiser = withMixedLabels(guided, new Int32Array(count).fill(toLabel), within);
    return { x, denoiser, noise: noNoise };
  };
}

/** The noise of samplers that must add none. */
export const noNoise: Pick<NoiseSource, 'next'> = {
  next: () => {
    throw new ConfigError(
      'This needs a sampler whose images follow from their starting noise alone: ddim with eta 0, dpm-solver++, heun or unipc.',
    );
  },
};

/** The images of a batch, out of [N, H, W]. */
export function imagesOf(images: Uint8Array, { first, count }: Span, imageSize: number): Uint8Array {
  return images.subarray(first * imageSize ** 2, (first + count) * imageSize ** 2);
}
