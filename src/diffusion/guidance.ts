import { ConfigError } from '../utils/errors.js';
import { NULL_LABEL, type Denoiser, type ImageBatch } from './denoiser.js';

/**
 * Classifier-free guidance: ε̃ = (1 + ω) · ε(x, t, c) - ω · ε(x, t) (equation 6).
 *
 * For ω > 0 every call runs `denoiser` once, on a batch of 2B: the images with their labels, then the same images with
 * `NULL_LABEL`. For ω = 0 the result is `denoiser` itself. An image whose own label is `NULL_LABEL` gets the unconditional
 * prediction, whatever ω.
 *
 * @param omega guidance weight, any finite number >= 0
 * @throws ConfigError for any other ω
 */
export function withGuidance(denoiser: Denoiser, omega: number): Denoiser {
  if (!Number.isFinite(omega) || omega < 0) {
    throw new ConfigError(`The guidance weight omega must be a finite number >= 0, got ${omega}.`);
  }
  if (omega === 0) return denoiser;

  return async (x, timesteps, labels) => {
    const [batch] = x.shape;
    const both = await denoiser(twice(x), concatenate(timesteps, timesteps), withNullLabels(labels));
    const half = both.length / 2;
    const pixels = half / batch;
    const guided = new Float32Array(half);
    for (let image = 0; image < batch; image++) {
      // For an image without a class both halves are the unconditional prediction, and ω has nothing to push away from.
      const weight = labels[image] === NULL_LABEL ? 0 : omega;
      const end = (image + 1) * pixels;
      for (let i = image * pixels; i < end; i++) {
        guided[i] = (1 + weight) * (both[i] as number) - weight * (both[half + i] as number);
      }
    }
    return guided;
  };
}

function twice({ shape: [batch, channels, height, width], data }: ImageBatch): ImageBatch {
  return { shape: [2 * batch, channels, height, width], data: concatenate(data, data) };
}

function concatenate(first: Float32Array, second: Float32Array): Float32Array {
  const out = new Float32Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}

function withNullLabels(labels: Int32Array): Int32Array {
  const out = new Int32Array(2 * labels.length).fill(NULL_LABEL);
  out.set(labels);
  return out;
}
