import { ConfigError } from '../utils/errors.js';
import { alphaCumprodAt, checkTimestep, type NoiseSchedule } from './noise-schedule.js';

/** The coefficients of one reverse step x_t -> x_s, s < t, where x_t = signal · x_0 + sigma · ε. */
export interface ReverseTransition {
  readonly t: number;
  /** s: the timestep arrived at, 0 for the finished image. */
  readonly previous: number;
  /** ᾱ_t / ᾱ_s, which is α_t where s = t - 1. */
  readonly alpha: number;
  /** 1 - alpha, which is β_t where s = t - 1. */
  readonly beta: number;
  /** √ᾱ_t. */
  readonly signal: number;
  /** √(1 - ᾱ_t), > 0. */
  readonly sigma: number;
  /** √ᾱ_s, 1 for s = 0. */
  readonly signalPrevious: number;
  /** √(1 - ᾱ_s), 0 for s = 0. */
  readonly sigmaPrevious: number;
  /** h = λ_s - λ_t > 0, where λ = ln(signal / sigma): infinite for s = 0 and where ᾱ_t = 0. */
  readonly logSnrStep: number;
  /**
   * Whether x_t is as good as infinite noise to x_s: ᾱ_t = 0, s = 0, or h > ln 20 (see `LONGEST_STEP`). What an algorithm knows at t says
   * nothing about the way to s then but the prediction of x_0: it takes its step of first order.
   */
  readonly singular: boolean;
  /** Variance of x_s given x_t and x_0: beta (1 - ᾱ_s) / (1 - ᾱ_t); 0 for s = 0. */
  readonly posteriorVariance: number;
}

/**
 * The longest h that a step of higher order may have. At ᾱ_t = 0 the noise level √((1 - ᾱ_t) / ᾱ_t) is infinite, and no slope
 * over it exists; just above 0 one exists and is useless: on the cosine schedule, T = 1000, the level falls from 64,000 to 12 in the
 * first of 20 even steps, and the mean of the slopes at both ends weights the change of the predicted x_0 by half the quotient of the
 * levels, 2,700, where the exact weight tends to 1/2. Others start later: EDM at a level of 80 (Karras et al. 2022, Table 1), DPM-Solver
 * at λ = -5.1 (`lambda_min_clipped` of diffusers), and diffusers' own Heun, which does not, draws what is no image. Here T is always
 * visited, and the rule is about the step, so that it holds for every schedule, T and spacing: the quotient of its two levels is at
 * most 20, five times the largest of EDM's own 18 steps.
 */
const LONGEST_STEP = Math.log(20);

/**
 * The step from timestep t to timestep `previous`. Steps over several timesteps use the variance that the forward process
 * adds between the two (Nichol & Dhariwal 2021, section 4), so the sampler's formulas hold for any subsequence of 1..T.
 *
 * @throws ConfigError unless 0 <= previous < t <= T
 */
export function reverseTransition(schedule: NoiseSchedule, t: number, previous: number): ReverseTransition {
  checkTimestep(schedule, t);
  if (!Number.isInteger(previous) || previous < 0 || previous >= t) {
    throw new ConfigError(`A reverse step from timestep ${t} must arrive at one of 0..${t - 1}, got ${previous}.`);
  }
  const cumprod = alphaCumprodAt(schedule, t);
  const cumprodPrevious = alphaCumprodAt(schedule, previous);
  // Between neighbours the schedule's own values: 1 - ᾱ_t / ᾱ_s would lose digits of a small β_t.
  const neighbours = previous === t - 1;
  const alpha = neighbours ? (schedule.alphas[t - 1] as number) : cumprod / cumprodPrevious;
  const beta = neighbours ? (schedule.betas[t - 1] as number) : 1 - alpha;
  const logSnrStep = logSnr(cumprodPrevious) - logSnr(cumprod);
  return {
    t,
    previous,
    alpha,
    beta,
    signal: Math.sqrt(cumprod),
    sigma: Math.sqrt(1 - cumprod),
    signalPrevious: Math.sqrt(cumprodPrevious),
    sigmaPrevious: Math.sqrt(1 - cumprodPrevious),
    logSnrStep,
    singular: logSnrStep > LONGEST_STEP,
    posteriorVariance: (beta * (1 - cumprodPrevious)) / (1 - cumprod),
  };
}

/**
 * Weights of x_0 and x_t in μ, the mean of x_s given both (Ho et al. 2020, equation 7), which needs no ᾱ_t > 0. The variance of x_s is
 * `posteriorVariance`.
 */
export function posteriorMeanWeights({ alpha, beta, signalPrevious, sigma, sigmaPrevious }: ReverseTransition): {
  readonly onX0: number;
  readonly onX: number;
} {
  return { onX0: (signalPrevious * beta) / sigma ** 2, onX: (Math.sqrt(alpha) * sigmaPrevious ** 2) / sigma ** 2 };
}

/** λ = ln √(ᾱ / (1 - ᾱ)), half the logarithm of the signal-to-noise ratio. */
export function logSnr(alphaCumprod: number): number {
  return Math.log(alphaCumprod / (1 - alphaCumprod)) / 2;
}
