import type { SamplingOptions } from '../diffusion/sampling-schema.js';

/** What to sample, and how. */
export interface SampleOptions extends SamplingOptions {
  /** One label per image, in order: 0..classes-1, or `NULL_LABEL` for an image without a class. */
  readonly labels: ArrayLike<number>;
}

/** Which images to change, and how: as the model is drawn from, but by a sampler that adds noise in each step. */
export interface EditOptions extends SampleOptions {
  /** The images [N, C, H, W], 0..255; `labels` are what they shall become. */
  readonly images: Uint8Array;
  /** How far to noise them before they are drawn again, as a share of T in (0, 1]; default 0.6. */
  readonly strength?: number | undefined;
}

/** Which images to complete, and how: as the model is drawn from, but by a sampler that adds noise in each step. */
export interface InpaintOptions extends SampleOptions {
  /** The images [N, C, H, W], 0..255. */
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

/** Between what to interpolate, and how. The sampler has to be one that adds no noise; default `ddim`, spaced `log-snr`. */
export interface InterpolateOptions extends SamplingOptions {
  readonly from: InterpolationEnd;
  readonly to: InterpolationEnd;
  /** Images in all, both ends included; at least 2. */
  readonly frames: number;
}

/** Which images to encode, and how. The guidance weight is 0 unless given: guidance is hard to invert. Default spacing: `log-snr`. */
export interface EncodeOptions extends Pick<
  SamplingOptions,
  'guidanceWeight' | 'guidanceScale' | 'samplingSteps' | 'spacing' | 'timesteps'
> {
  /** [N, C, H, W], 0..255. */
  readonly images: Uint8Array;
  readonly labels: ArrayLike<number>;
  /** How often each step is improved; default 2. See `invert`. */
  readonly iterations?: number | undefined;
}
