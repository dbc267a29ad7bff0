import type { Denoiser } from '../../src/diffusion/denoiser.js';
import type { NoiseSchedule } from '../../src/diffusion/noise-schedule.js';

/** A data distribution whose exact denoiser is known: independent pixels N(mean, deviation²). */
export interface GaussianData {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The exact denoiser of Gaussian data, one distribution per label. x_t is N(√ᾱ m, ᾱ s² + 1 - ᾱ), and
 * E[ε | x_t] = √(1 - ᾱ) · (x_t - √ᾱ m) / (ᾱ s² + 1 - ᾱ).
 */
export function gaussianDenoiser(schedule: NoiseSchedule, dataOfLabel: readonly GaussianData[]): Denoiser {
  return (x, timesteps, labels) => {
    const pixels = x.data.length / x.shape[0];
    const out = new Float32Array(x.data.length);
    for (const [image, label] of labels.entries()) {
      const kept = schedule.alphasCumprod[(timesteps[image] ?? NaN) - 1] ?? NaN;
      const { mean, deviation } = dataOfLabel[label] ?? { mean: NaN, deviation: NaN };
      const scale = Math.sqrt(1 - kept) / (kept * deviation ** 2 + 1 - kept);
      const offset = Math.sqrt(kept) * mean;
      for (let i = image * pixels; i < (image + 1) * pixels; i++) out[i] = scale * ((x.data[i] ?? NaN) - offset);
    }
    return Promise.resolve(out);
  };
}
