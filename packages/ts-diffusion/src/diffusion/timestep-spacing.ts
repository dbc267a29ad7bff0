import { ConfigError } from '../utils/errors.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { logSnr } from './reverse-transition.js';
import { evenlySpacedTimesteps, roundHalfToEven } from './timesteps.js';
import { text, number, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/**
 * How the timesteps that a sampler visits are spread over 1..T; all but `trailing` and `leading` go from T to 1.
 * - `even`: equal steps of t (`linspace` of diffusers)
 * - `trailing`: equal steps of t that end where the next would be 0 (Lin et al. 2023, Table 2)
 * - `leading`: equal steps of t, rounded down, that begin below T and end at 1 (diffusers' default; Lin et al. 2023, Table 2)
 * - `log-snr`: equal steps of λ = ln √(ᾱ / (1 - ᾱ)) (Lu et al. 2022, DPM-Solver, section 3.4)
 * - `karras`: equal steps of the 7th root of the noise level √((1 - ᾱ) / ᾱ) (Karras et al. 2022, equation 5)
 */
export const timestepSpacings = ['even', 'trailing', 'leading', 'log-snr', 'karras'] as const;
/** One of `timestepSpacings`. */
export type TimestepSpacing = (typeof timestepSpacings)[number];

const KARRAS_RHO = 7;

/**
 * Below it x is noise to the eye and to the network, but λ_T is -10 for the cosine schedule, and -∞ with zero terminal SNR: T comes
 * first all the same, and the others are spread as if λ_T were this (DPM-Solver's choice for the cosine schedule).
 */
const LOWEST_LAMBDA = -5.1;

const spacedTimestepsArguments = signature('spacedTimesteps', { schedule, count: number, spacing: text });

/**
 * The timesteps a sampler visits, T first unless `leading`: `count` different ones, each that of 1..T nearest to its place.
 *
 * @throws ConfigError unless count is an integer from 1 to T, and for a spacing that is none of `timestepSpacings`
 */
export function spacedTimesteps(schedule: NoiseSchedule, count: number, spacing: TimestepSpacing): number[] {
  spacedTimestepsArguments({ schedule, count, spacing });
  if (!timestepSpacings.includes(spacing)) {
    throw new ConfigError(`spacing is ${spacing}; expected one of ${timestepSpacings.join(', ')}.`);
  }
  const { timesteps } = schedule;
  const even = evenlySpacedTimesteps(timesteps, count);
  if (spacing === 'leading') return even.map((_, i) => 1 + (count - 1 - i) * Math.floor(timesteps / count));
  if (spacing === 'even' || count === 1) return even;
  if (spacing === 'trailing') return even.map((_, i) => roundHalfToEven(timesteps - (i * timesteps) / count));

  const lambdas = schedule.alphasCumprod.map(logSnr);
  const place = spacing === 'log-snr' ? (lambda: number) => lambda : (lambda: number) => Math.exp(-lambda / KARRAS_RHO);
  const lambdaAt = spacing === 'log-snr' ? (at: number) => at : (at: number) => -KARRAS_RHO * Math.log(at);
  const from = place(Math.max(lambdas.at(-1) as number, LOWEST_LAMBDA));
  const to = place(lambdas[0] as number);
  return nearestTimesteps(
    lambdas,
    even.map((_, i) => lambdaAt(from + ((to - from) * i) / (count - 1))),
  );
}

/** For each of the increasing `targets` the timestep whose λ is nearest among those left: T first, no two alike. */
function nearestTimesteps(lambdas: Float64Array, targets: readonly number[]): number[] {
  const distance = (t: number, target: number) => Math.abs((lambdas[t - 1] as number) - target);
  let t = lambdas.length + 1;
  return targets.map((target, i) => {
    t--;
    const lowest = targets.length - i;
    while (i > 0 && t > lowest && distance(t - 1, target) <= distance(t, target)) t--;
    return t;
  });
}
