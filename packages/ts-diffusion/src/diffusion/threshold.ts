import { ConfigError } from '../utils/errors.js';

/** What to do with a predicted x_0 that leaves the model range [-1, 1]; neither is the default, nor the paper's. */
export interface ThresholdOptions {
  /** Clip it to [-1, 1]. */
  readonly clipX0?: boolean | undefined;
  /** Dynamic thresholding with this percentile, a fraction in (0, 1], e.g. 0.995. */
  readonly dynamicThreshold?: number | undefined;
}

/**
 * The function that brings a prediction [B, pixelsPerImage] into range as the options ask for, in a new array; without
 * options it returns what it is given.
 *
 * @throws ConfigError where both are asked for, or the percentile is out of range
 */
export function createThreshold({
  clipX0 = false,
  dynamicThreshold: percentile,
}: ThresholdOptions): (x0: Float32Array, pixelsPerImage: number) => Float32Array {
  if (percentile === undefined) return clipX0 ? clip : (x0) => x0;
  if (clipX0) throw new ConfigError('Give clipX0 or dynamicThreshold, not both.');
  if (!(percentile > 0 && percentile <= 1)) {
    throw new ConfigError(`The percentile of dynamic thresholding must be a fraction in (0, 1], got ${percentile}.`);
  }
  return (x0, pixelsPerImage) => {
    const out = x0.slice();
    for (let start = 0; start < out.length; start += pixelsPerImage) {
      thresholdImage(out.subarray(start, start + pixelsPerImage), percentile);
    }
    return out;
  };
}

function clip(x0: Float32Array): Float32Array {
  return x0.map((value) => Math.min(1, Math.max(-1, value)));
}

/**
 * Dynamic thresholding (Saharia et al. 2022, section 2.3): clip to [-s, s] and divide by s, where s is the given percentile
 * of the image's |x_0|, at least 1, so that strong guidance does not saturate the pixels.
 */
function thresholdImage(image: Float32Array, percentile: number): void {
  const magnitudes = image.map(Math.abs).sort();
  const position = percentile * (magnitudes.length - 1);
  const below = magnitudes[Math.floor(position)] as number;
  const above = magnitudes[Math.ceil(position)] as number;
  const s = Math.max(1, below + (position - Math.floor(position)) * (above - below));
  for (let i = 0; i < image.length; i++) image[i] = Math.min(s, Math.max(-s, image[i] as number)) / s;
}
