import { checkTimestep, type NoiseSchedule } from './noise-schedule.js';

/** The coefficients of one reverse step x_t -> x_s, s < t. */
export interface ReverseTransition {
  readonly t: number;
  /** s: the timestep arrived at, 0 for the finished image. */
  readonly previous: number;
  /** ᾱ_t / ᾱ_s, which is α_t where s = t - 1. */
  readonly alpha: number;
  /** 1 - alpha, which is β_t where s = t - 1. */
  readonly beta: number;
  /** ᾱ_t. */
  readonly alphaCumprod: number;
  /** ᾱ_s, with ᾱ_0 = 1. */
  readonly alphaCumprodPrevious: number;
  /** σ² of x_s given x_t and x_0: beta (1 - ᾱ_s) / (1 - ᾱ_t). */
  readonly posteriorVariance: number;
}

/**
 * The step from timestep t to timestep `previous`. Steps over several timesteps use the variance that the forward process
 * adds between the two (Nichol & Dhariwal 2021, section 4), so the sampler's formulas hold for any subsequence of 1..T.
 *
 * @throws RangeError unless 0 <= previous < t <= T
 */
export function reverseTransition(schedule: NoiseSchedule, t: number, previous: number): ReverseTransition {
  checkTimestep(schedule, t);
  if (!Number.isInteger(previous) || previous < 0 || previous >= t) {
    throw new RangeError(`A reverse step from timestep ${t} must arrive at one of 0..${t - 1}, got ${previous}.`);
  }
  const alphaCumprod = schedule.alphasCumprod[t - 1] as number;
  const alphaCumprodPrevious = previous === 0 ? 1 : (schedule.alphasCumprod[previous - 1] as number);
  if (previous === t - 1) {
    // The schedule's own values: 1 - ᾱ_t / ᾱ_s would lose digits of a small β_t.
    return {
      t,
      previous,
      alpha: schedule.alphas[t - 1] as number,
      beta: schedule.betas[t - 1] as number,
      alphaCumprod,
      alphaCumprodPrevious,
      posteriorVariance: schedule.posteriorVariance[t - 1] as number,
    };
  }
  const alpha = alphaCumprod / alphaCumprodPrevious;
  const beta = 1 - alpha;
  const posteriorVariance = (beta * (1 - alphaCumprodPrevious)) / (1 - alphaCumprod);
  return { t, previous, alpha, beta, alphaCumprod, alphaCumprodPrevious, posteriorVariance };
}
