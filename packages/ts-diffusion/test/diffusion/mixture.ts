import { denoiserFrom, networkFrom, type Denoiser, type Network } from '../../src/diffusion/denoiser.js';
import { mixPerImage } from '../../src/diffusion/forward-process.js';
import { alphaCumprodAt, type NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import type { PredictionType } from '../../src/diffusion/prediction.js';

/** One Gaussian N(mean, deviation²) of a mixture. */
export interface Component {
  readonly weight: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Data whose pixels are independent draws from a mixture of Gaussians: everything about their diffusion is known. */
export type Mixture = readonly Component[];

export const gaussian = (mean: number, deviation: number): Mixture => [{ weight: 1, mean, deviation }];

/**
 * E[x_0 | x_t = value] of the mixture as a function of the value, where x_t = √ᾱ x_0 + √(1 - ᾱ) ε: the posterior means of the components,
 * m + √ᾱ s² / v · (x_t - √ᾱ m) with v = ᾱ s² + 1 - ᾱ, weighted by how probable each has become.
 */
export function posteriorMean(mixture: Mixture, alphaCumprod: number): (value: number) => number {
  const components = mixture.map(({ weight, mean, deviation }) => {
    const variance = alphaCumprod * deviation ** 2 + 1 - alphaCumprod;
    return {
      mean,
      center: Math.sqrt(alphaCumprod) * mean,
      gain: (Math.sqrt(alphaCumprod) * deviation ** 2) / variance,
      logScale: Math.log(weight) - Math.log(variance) / 2,
      precision: 1 / (2 * variance),
    };
  });
  const [only] = components;
  if (components.length === 1 && only) return (value) => only.mean + only.gain * (value - only.center);
  return (value) => {
    let [sum, total, largest] = [0, 0, -Infinity];
    for (const { center, logScale, precision } of components) {
      largest = Math.max(largest, logScale - (value - center) ** 2 * precision);
    }
    for (const { mean, center, gain, logScale, precision } of components) {
      const weight = Math.exp(logScale - (value - center) ** 2 * precision - largest);
      sum += weight * (mean + gain * (value - center));
      total += weight;
    }
    return sum / total;
  };
}

/** The exact denoiser (it predicts x_0) of pixels from one mixture per label; `NULL_LABEL` takes the last one. */
export function mixtureDenoiser(schedule: NoiseSchedule, dataOfLabel: readonly Mixture[]): Denoiser {
  return denoiserFrom((x, timesteps, labels) => {
    const pixels = x.data.length / x.shape[0];
    const out = new Float32Array(x.data.length);
    for (const [image, label] of labels.entries()) {
      const mean = posteriorMean(dataOfLabel.at(label) ?? [], alphaCumprodAt(schedule, timesteps[image] ?? NaN));
      for (let i = image * pixels; i < (image + 1) * pixels; i++) out[i] = mean(x.data[i] ?? NaN);
    }
    return Promise.resolve(out);
  });
}

/** The network that predicts `type` where a denoiser predicts x_0. One that predicts the flow is given z_s = x_t / (√ᾱ + √(1 - ᾱ)). */
export function predicting(type: PredictionType, denoiser: Denoiser, schedule: NoiseSchedule): Network {
  return networkFrom(async (given, timesteps, labels) => {
    const pixels = given.data.length / given.shape[0];
    const x =
      type === 'flow'
        ? mixPerImage(schedule, given.data, given.data, timesteps, pixels, (signal, sigma) => [signal, sigma])
        : given.data;
    const x0 = await denoiser({ shape: given.shape, data: x }, timesteps, labels);
    if (type === 'x0') return x0;
    return mixPerImage(schedule, x, x0, timesteps, pixels, (signal, sigma) => {
      // ε = (x - √ᾱ x_0) / √(1 - ᾱ), v = √ᾱ ε - √(1 - ᾱ) x_0 = (√ᾱ x - x_0) / √(1 - ᾱ), and u = ε - x_0
      if (type === 'epsilon') return [1 / sigma, -signal / sigma];
      return type === 'v' ? [signal / sigma, -1 / sigma] : [1 / sigma, -signal / sigma - 1];
    });
  });
}

/** E[x_t] and E[x_t²]. */
export function exactMoments(mixture: Mixture, alphaCumprod: number): { mean: number; square: number } {
  let [mean, square] = [0, 0];
  for (const component of mixture) {
    mean += component.weight * Math.sqrt(alphaCumprod) * component.mean;
    square += component.weight * (alphaCumprod * (component.mean ** 2 + component.deviation ** 2) + 1 - alphaCumprod);
  }
  return { mean, square };
}

/**
 * The probability flow of the mixture from ᾱ = `from` to ᾱ = `to`, by the classical Runge-Kutta method in float64: with
 * y = x / √ᾱ and λ = ln √(ᾱ / (1 - ᾱ)) it is dy/dλ = E[x_0 | x] - y.
 */
export function probabilityFlow(mixture: Mixture, from: number, to: number, value: number, steps = 500): number {
  const lambda = (alphaCumprod: number) => Math.log(alphaCumprod / (1 - alphaCumprod)) / 2;
  const h = (lambda(to) - lambda(from)) / steps;
  const slope = (y: number, at: number) => {
    const alphaCumprod = 1 / (1 + Math.exp(-2 * at));
    return posteriorMean(mixture, alphaCumprod)(y * Math.sqrt(alphaCumprod)) - y;
  };
  let y = value / Math.sqrt(from);
  for (let i = 0; i < steps; i++) {
    const at = lambda(from) + i * h;
    const k1 = slope(y, at);
    const k2 = slope(y + (h / 2) * k1, at + h / 2);
    const k3 = slope(y + (h / 2) * k2, at + h / 2);
    const k4 = slope(y + h * k3, at + h);
    y += (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return y * Math.sqrt(to);
}
