import { ConfigError } from '../utils/errors.js';
import { denoiserFrom, networkFrom, type Denoiser, type Network } from './denoiser.js';
import { addNoise, mixPerImage } from './forward-process.js';
import { linearPathPoint } from './linear-path.js';
import { linearCombination } from './linear-combination.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { callback, choice, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/**
 * What a network predicts: the noise ε (the paper; Ho et al. 2020), the clean image x_0, the velocity
 * v = √ᾱ_t · ε − √(1 − ᾱ_t) · x_0 (Salimans & Ho 2022), or the flow u = ε − x_0, the velocity along the linear path from x_0 to ε
 * (rectified flow, Liu et al. 2023; flow matching, Lipman et al. 2023). Given x_t, each follows from each other.
 *
 * A network that predicts the flow is given the point of that path, z_s = (1 − s) · x_0 + s · ε, in place of x_t: the two differ by a
 * factor (`linearPathPoint`).
 */
export const predictionTypes = ['epsilon', 'x0', 'v', 'flow'] as const;
/** One of `predictionTypes`. */
export type PredictionType = (typeof predictionTypes)[number];

/** Clean images x_0 and noise ε, both [B, C, H, W]. */
interface NoisingPair {
  readonly x0: Float32Array;
  readonly noise: Float32Array;
}

/**
 * What the network is given in training: x_t = √ᾱ_t · x_0 + √(1 − ᾱ_t) · ε (equation 4), or if it predicts the flow,
 * z_s = (1 − s) · x_0 + s · ε.
 *
 * @param timesteps one integer 1..T per image [B]
 * @param pixelsPerImage C · H · W
 * @param out where it is put, shaped as x0
 */
export function noisyImages(
  type: PredictionType,
  schedule: NoiseSchedule,
  { x0, noise }: NoisingPair,
  timesteps: ArrayLike<number>,
  pixelsPerImage: number,
  out: Float32Array,
): Float32Array {
  if (type !== 'flow') return addNoise(schedule, x0, timesteps, noise, pixelsPerImage, out);
  const weights = (signal: number, sigma: number): readonly [number, number] => {
    const { time } = linearPathPoint(signal, sigma);
    return [1 - time, time];
  };
  return mixPerImage(schedule, x0, noise, timesteps, pixelsPerImage, weights, out);
}

/**
 * What the network is trained to give for images x_0 noised by ε.
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
  { x0, noise }: NoisingPair,
  timesteps: ArrayLike<number>,
  pixelsPerImage: number,
): Float32Array {
  if (type === 'epsilon') return noise;
  if (type === 'x0') return x0;
  if (type === 'flow') return linearCombination([1, noise], [-1, x0]);
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
  const predict = givenNoisyImages(network, type, schedule);
  return denoiserFrom(async (x, timesteps, labels) => {
    const prediction = await predict(x, timesteps, labels);
    return mixPerImage(schedule, x.data, prediction, timesteps, prediction.length / x.shape[0], (signal, sigma) => {
      // x_0 = √ᾱ_t · x_t − √(1 − ᾱ_t) · v, x_0 = z_s − s · u, and x_0 = (x_t − √(1 − ᾱ_t) · ε) / √ᾱ_t
      if (type === 'v') return [signal, -sigma];
      if (type === 'flow') {
        const { time, scale } = linearPathPoint(signal, sigma);
        return [scale, -time];
      }
      if (signal > 0) return [1 / signal, -sigma / signal];
      throw new ConfigError(
        'With zero terminal SNR, x_T is pure noise, and predicting that noise gives no information about the image. ' +
          'Use a model that predicts x0, v or flow.',
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
  const predict = givenNoisyImages(network, type, schedule);
  return networkFrom(async (x, timesteps, labels) => {
    const prediction = await predict(x, timesteps, labels);
    return mixPerImage(schedule, x.data, prediction, timesteps, prediction.length / x.shape[0], (signal, sigma) => {
      // ε = (x_t − √ᾱ_t · x_0) / √(1 − ᾱ_t), ε = √(1 − ᾱ_t) · x_t + √ᾱ_t · v, and ε = z_s + (1 − s) · u
      if (type === 'x0') return [1 / sigma, -signal / sigma];
      if (type === 'v') return [sigma, signal];
      const { time, scale } = linearPathPoint(signal, sigma);
      return [scale, 1 - time];
    });
  });
}

/** A network that is given x_t, made of one that is given what a network of its type is trained on. */
function givenNoisyImages(network: Network, type: PredictionType, schedule: NoiseSchedule): Network {
  if (type !== 'flow') return network;
  return networkFrom((x, timesteps, labels) => {
    const { shape, data } = x;
    const scaled = mixPerImage(schedule, data, data, timesteps, data.length / shape[0], (signal, sigma) => [
      linearPathPoint(signal, sigma).scale,
      0,
    ]);
    return network({ shape, data: scaled }, timesteps, labels);
  });
}
