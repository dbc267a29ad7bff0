import { ConfigError } from '../utils/errors.js';
import { denoiserFrom, networkFrom, type Denoiser, type Network } from './denoiser.js';
import { mixPerImage } from './forward-process.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { callback, choice, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/**
 * What a network predicts: the noise ε (the paper; Ho et al. 2020), the clean image x_0, or the velocity
 * v = √ᾱ_t · ε − √(1 − ᾱ_t) · x_0 (Salimans & Ho 2022). Given x_t, each follows from each other.
 */
export const predictionTypes = ['epsilon', 'x0', 'v'] as const;
/** One of `predictionTypes`. */
export type PredictionType = (typeof predictionTypes)[number];

/**
 * What the network is trained to give for x_t = √ᾱ_t · x_0 + √(1 − ᾱ_t) · ε.
 *
 * @param x0 clean images [B, C, H, W]
 * @param noise ε, shaped as x0
 * @param timesteps one integer 1..T per image [B]
 * @param pixelsPerImage C · H · W
 * @returns the target, shaped as x0: `noise` or `x0` themselves, or a new array
 */
export function predictionTarget(
  type: PredictionType,
  schedule: NoiseSchedule,
  { x0, noise }: { x0: Float32Array; noise: Float32Array },
  timesteps: ArrayLike<number>,
  pixelsPerImage: number,
): Float32Array {
  if (type === 'epsilon') return noise;
  if (type === 'x0') return x0;
  return mixPerImage(schedule, noise, x0, timesteps, pixelsPerImage, (signal, sigma) => [signal, -sigma]);
}

const asX0Arguments = signature('asX0', { network: callback, type: choice(predictionTypes), schedule });

/**
 * A denoiser that predicts the clean image x_0, which samplers take, from a network that predicts `type`. Timesteps have to be
 * integers 1..T unless the prediction is x_0 already.
 *
 * @throws ConfigError by the denoiser where a network that predicts the noise is asked about pure noise (ᾱ_t = 0)
 */
export function asX0(network: Network, type: PredictionType, schedule: NoiseSchedule): Denoiser {
  asX0Arguments({ network, type, schedule });
  if (type === 'x0') return denoiserFrom(network);
  return denoiserFrom(async (x, timesteps, labels) => {
    const prediction = await network(x, timesteps, labels);
    return mixPerImage(schedule, x.data, prediction, timesteps, prediction.length / x.shape[0], (signal, sigma) => {
      // x_0 = √ᾱ_t · x_t − √(1 − ᾱ_t) · v, and x_0 = (x_t − √(1 − ᾱ_t) · ε) / √ᾱ_t
      if (type === 'v') return [signal, -sigma];
      if (signal > 0) return [1 / signal, -sigma / signal];
      throw new ConfigError(
        'With zero terminal SNR, x_T is pure noise, and predicting that noise gives no information about the image. ' +
          'Use a model that predicts x0 or v.',
      );
    });
  });
}

const asEpsilonArguments = signature('asEpsilon', { network: callback, type: choice(predictionTypes), schedule });

/**
 * A network that predicts the noise ε, made of one that predicts `type`. Timesteps have to be integers 1..T unless the
 * prediction is ε already.
 */
export function asEpsilon(network: Network, type: PredictionType, schedule: NoiseSchedule): Network {
  asEpsilonArguments({ network, type, schedule });
  if (type === 'epsilon') return network;
  return networkFrom(async (x, timesteps, labels) => {
    const prediction = await network(x, timesteps, labels);
    return mixPerImage(schedule, x.data, prediction, timesteps, prediction.length / x.shape[0], (signal, sigma) =>
      // ε = (x_t − √ᾱ_t · x_0) / √(1 − ᾱ_t), and ε = √(1 − ᾱ_t) · x_t + √ᾱ_t · v
      type === 'x0' ? [1 / sigma, -signal / sigma] : [sigma, signal],
    );
  });
}
