import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import { reverseTransition } from '../diffusion/reverse-transition.js';
import { logProbabilityBetween } from './normal-tail.js';

/**
 * The terms of the variational bound on -ln p(x_0) (Ho et al. 2020, equation 5), each in nats per dimension of one image.
 */

/** What one reverse step x_t -> x_s adds to the bound, given the image as bytes, x_0 and the x_0 predicted from x_t. */
export interface BoundTerm {
  readonly timestep: number;
  readonly nats: (bytes: Uint8Array, x0: Float32Array, predictedX0: Float32Array) => number;
}

/**
 * One term per reverse step of a chain that visits the given timesteps, in their order.
 *
 * @param timesteps strictly decreasing within 1..T
 * @param variance of the reverse steps: that of the true posterior given x_0, or the larger β. The last step, whose posterior
 * has none, takes the posterior's of the step before (Ho et al. 2020, and its successors)
 * @throws RangeError for other timesteps
 */
export function boundTerms(
  schedule: NoiseSchedule,
  timesteps: readonly number[],
  variance: 'posterior' | 'beta',
): BoundTerm[] {
  const transitions = timesteps.map((t, i) => reverseTransition(schedule, t, timesteps[i + 1] ?? 0));
  const beforeLast = transitions.at(-2)?.posteriorVariance;
  return transitions.map(({ t, previous, beta, sigma, signalPrevious, posteriorVariance }) => {
    if (previous === 0) {
      const deviation = Math.sqrt(beforeLast ?? beta);
      return { timestep: t, nats: (bytes, _, predictedX0) => decoderNats(bytes, predictedX0, deviation) };
    }
    // L_{t-1}: both means are the same in x_t, and differ by c (x_0 - predicted x_0).
    const c = (signalPrevious * beta) / sigma ** 2;
    const modelVariance = variance === 'posterior' ? posteriorVariance : beta;
    const ratio = posteriorVariance / modelVariance;
    const ofVariances = (ratio - 1 - Math.log(ratio)) / 2;
    const ofMeans = c ** 2 / (2 * modelVariance);
    return {
      timestep: t,
      nats: (_, x0, predictedX0) => ofVariances + ofMeans * meanSquaredDifference(x0, predictedX0),
    };
  });
}

/** L_T = KL(q(x_T|x_0) ‖ N(0, I)): what the noisiest image still tells of x_0, of which sampling knows nothing. */
export function priorNats(alphaCumprod: number, x0: Float32Array): number {
  const meanSquare = x0.reduce((sum, value) => sum + value * value, 0) / x0.length;
  return (alphaCumprod * (meanSquare - 1) - Math.log1p(-alphaCumprod)) / 2;
}

/**
 * L_0 = -ln p(x_0|x_1) by the discretised Gaussian decoder (Ho et al. 2020, equation 13): the probability of a byte is that of
 * its bin of width 2/255; the bins of 0 and 255 reach to infinity.
 */
function decoderNats(bytes: Uint8Array, mean: Float32Array, deviation: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const lower = byte === 0 ? -Infinity : ((2 * byte - 1) / 255 - 1 - (mean[i] as number)) / deviation;
    const upper = byte === 255 ? Infinity : ((2 * byte + 1) / 255 - 1 - (mean[i] as number)) / deviation;
    sum -= logProbabilityBetween(lower, upper);
  }
  return sum / bytes.length;
}

function meanSquaredDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / a.length;
}
