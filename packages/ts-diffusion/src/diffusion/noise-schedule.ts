import { ConfigError } from '../utils/errors.js';
import {
  cosineBetas,
  flowBetas,
  linearBetas,
  rescaledLinearBetas,
  sigmoidBetas,
  zeroTerminalSnrBetas,
  type Betas,
} from './betas.js';
import { text, flag, number, numbers, options, signature } from '../utils/arguments.js';

/** The names of the noise schedules. */
export const noiseScheduleNames = ['linear', 'cosine', 'sigmoid', 'flow'] as const;
/** One of `noiseScheduleNames`. */
export type NoiseScheduleName = (typeof noiseScheduleNames)[number];

/** Changes to a schedule; neither is the paper's. */
export interface NoiseScheduleOptions {
  /** Scale the linear schedule's betas by 1000 / T, so that T changes the step size and not the noise at the end. */
  readonly rescaleBetas?: boolean;
  /** β_1..β_T one by one, each in (0, 1], in place of the named schedule's. */
  readonly betas?: readonly number[] | undefined;
  /** Leave nothing of the image at T (Lin et al. 2023). A network that predicts the noise cannot start from there. */
  readonly zeroTerminalSnr?: boolean;
}

/**
 * How much noise each step of the forward process adds. Every array has one float64 value per timestep: index t - 1 holds
 * timestep t = 1..T.
 */
export interface NoiseSchedule {
  /** `given`: the betas were given one by one. */
  readonly name: NoiseScheduleName | 'given';
  /** T. */
  readonly timesteps: number;
  readonly rescaleBetas: boolean;
  readonly zeroTerminalSnr: boolean;
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
export const MAX_TIMESTEPS = 50_000;

const betasOf: Record<NoiseScheduleName, Betas> = {
  linear: linearBetas,
  cosine: cosineBetas,
  sigmoid: sigmoidBetas,
  flow: flowBetas,
};

const createNoiseScheduleArguments = signature('createNoiseSchedule', {
  name: text,
  timesteps: number,
  options: options({
    rescaleBetas: flag.optional(),
    zeroTerminalSnr: flag.optional(),
    betas: numbers.optional(),
  }).optional(),
});

/**
 * A noise schedule. The paper's are `linear` (β from 1e-4 to 0.02, the same ends for every T) and `cosine` (s = 0.008, β
 * clipped to [1e-4, 0.9999]). That of rectified flow is `flow`: timestep t is time t/T of the linear path (see `linearPathPoint`).
 *
 * @param timesteps T, an integer from 1 to 50000
 * @throws ConfigError for any other T, and for options that do not fit the schedule or T
 */
export function createNoiseSchedule(
  name: NoiseScheduleName,
  timesteps: number,
  options: NoiseScheduleOptions = {},
): NoiseSchedule {
  createNoiseScheduleArguments({ name, timesteps, options });
  const { rescaleBetas = false, zeroTerminalSnr = false, betas: given } = options;
  if (!Number.isInteger(timesteps) || timesteps < 1 || timesteps > MAX_TIMESTEPS) {
    throw new ConfigError(
      `The number of timesteps T of a noise schedule must be an integer from 1 to ${MAX_TIMESTEPS}, got ${timesteps}.`,
    );
  }
  if (given !== undefined) checkGivenBetas(given, timesteps, rescaleBetas);
  if (rescaleBetas && name !== 'linear') {
    throw new ConfigError(`Betas can be rescaled only for the linear schedule; the ${name} schedule does not need it.`);
  }
  const formula = rescaleBetas ? rescaledLinearBetas : betasOf[name];
  const chosen = given === undefined ? formula(timesteps) : Float64Array.from(given);
  const betas = zeroTerminalSnr ? zeroTerminalSnrBetas(chosen) : chosen;
  const alphas = betas.map((beta) => 1 - beta);
  let product = 1;
  const alphasCumprod = alphas.map((alpha) => (product *= alpha));
  const posteriorVariance = betas.map((beta, i) => {
    const previous = i === 0 ? 1 : (alphasCumprod[i - 1] as number);
    return (beta * (1 - previous)) / (1 - (alphasCumprod[i] as number));
  });
  return {
    name: given === undefined ? name : 'given',
    ...{ timesteps, rescaleBetas, zeroTerminalSnr, betas, alphas, alphasCumprod, posteriorVariance },
  };
}

function checkGivenBetas(betas: readonly number[], timesteps: number, rescaleBetas: boolean): void {
  if (rescaleBetas) throw new ConfigError('Betas that are given one by one cannot be rescaled.');
  if (betas.length !== timesteps) {
    throw new ConfigError(`A noise schedule of T = ${timesteps} timesteps needs as many betas, got ${betas.length}.`);
  }
  const at = betas.findIndex((beta) => !(beta > 0 && beta <= 1));
  if (at >= 0) {
    throw new ConfigError(`Each beta must be greater than 0 and at most 1, got ${betas[at]} at timestep ${at + 1}.`);
  }
}

/**
 * ᾱ_t for t = 0..T, where ᾱ_0 = 1.
 * @throws ConfigError naming t and T
 */
export function alphaCumprodAt(schedule: NoiseSchedule, t: number): number {
  if (t === 0) return 1;
  checkTimestep(schedule, t);
  return schedule.alphasCumprod[t - 1] as number;
}

/**
 * Throws unless t is one of the schedule's timesteps.
 * @throws ConfigError naming t and T
 */
export function checkTimestep(schedule: NoiseSchedule, t: number): void {
  if (!Number.isInteger(t) || t < 1 || t > schedule.timesteps) {
    throw new ConfigError(`A timestep must be an integer from 1 to T = ${schedule.timesteps}, got ${t}.`);
  }
}
