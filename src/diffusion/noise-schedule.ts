import { ConfigError } from '../utils/errors.js';

export const noiseScheduleNames = ['linear', 'cosine'] as const;
export type NoiseScheduleName = (typeof noiseScheduleNames)[number];

/**
 * How much noise each step of the forward process adds. Every array has one float64 value per timestep: index t - 1 holds
 * timestep t = 1..T.
 */
export interface NoiseSchedule {
  readonly name: NoiseScheduleName;
  /** T. */
  readonly timesteps: number;
  /** β_t: the variance of the noise that step t adds (equation 1). */
  readonly betas: Float64Array;
  /** α_t = 1 - β_t. */
  readonly alphas: Float64Array;
  /** ᾱ_t = α_1 ··· α_t: the share of x_0's variance that is left in x_t (equation 3). */
  readonly alphasCumprod: Float64Array;
  /** σ_t² = β_t (1 - ᾱ_{t-1}) / (1 - ᾱ_t): the variance of x_{t-1} given x_t and x_0 (Algorithm 2, line 9); 0 at t = 1. */
  readonly posteriorVariance: Float64Array;
}

/** From about T = 74000 the linear schedule's ᾱ_T is too small for a float64, and the reverse process would divide 0 by 0. */
const MAX_TIMESTEPS = 50_000;

const LINEAR_FIRST_BETA = 1e-4;
const LINEAR_LAST_BETA = 0.02;
const COSINE_OFFSET = 0.008;
const COSINE_SMALLEST_BETA = 1e-4;
const COSINE_LARGEST_BETA = 0.9999;

/** T evenly spaced values with both ends included (Ho et al. 2020, section 4); the ends do not depend on T. */
function linearBetas(timesteps: number): Float64Array {
  const increment = timesteps > 1 ? (LINEAR_LAST_BETA - LINEAR_FIRST_BETA) / (timesteps - 1) : 0;
  return Float64Array.from({ length: timesteps }, (_, i) => LINEAR_FIRST_BETA + i * increment);
}

/** β_t = 1 - f(t) / f(t-1), f(t) = cos²((t/T + s) / (1 + s) · π/2) (Nichol & Dhariwal 2021, equation 17), clipped. */
function cosineBetas(timesteps: number): Float64Array {
  const f = (t: number) => Math.cos(((t / timesteps + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * (Math.PI / 2)) ** 2;
  return Float64Array.from({ length: timesteps }, (_, i) =>
    Math.min(Math.max(1 - f(i + 1) / f(i), COSINE_SMALLEST_BETA), COSINE_LARGEST_BETA),
  );
}

const betasOf: Record<NoiseScheduleName, (timesteps: number) => Float64Array> = {
  linear: linearBetas,
  cosine: cosineBetas,
};

/**
 * The paper's noise schedules. `linear`: β from 1e-4 to 0.02, the same ends for every T. `cosine`: s = 0.008, β clipped to
 * [1e-4, 0.9999].
 *
 * @param timesteps T, an integer from 1 to 50000
 * @throws ConfigError for any other T
 */
export function createNoiseSchedule(name: NoiseScheduleName, timesteps: number): NoiseSchedule {
  if (!Number.isInteger(timesteps) || timesteps < 1 || timesteps > MAX_TIMESTEPS) {
    throw new ConfigError(
      `The number of timesteps T of a noise schedule must be an integer from 1 to ${MAX_TIMESTEPS}, got ${timesteps}.`,
    );
  }
  const betas = betasOf[name](timesteps);
  const alphas = betas.map((beta) => 1 - beta);
  let product = 1;
  const alphasCumprod = alphas.map((alpha) => (product *= alpha));
  const posteriorVariance = betas.map((beta, i) => {
    const previous = i === 0 ? 1 : (alphasCumprod[i - 1] as number);
    return (beta * (1 - previous)) / (1 - (alphasCumprod[i] as number));
  });
  return { name, timesteps, betas, alphas, alphasCumprod, posteriorVariance };
}

/**
 * Throws unless t is one of the schedule's timesteps.
 * @throws RangeError naming t and T
 */
export function checkTimestep(schedule: NoiseSchedule, t: number): void {
  if (!Number.isInteger(t) || t < 1 || t > schedule.timesteps) {
    throw new RangeError(`A timestep must be an integer from 1 to T = ${schedule.timesteps}, got ${t}.`);
  }
}
