import { finite, signature } from '../utils/arguments.js';

/** Where x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · ε lies on the straight line from x_0 to ε. */
export interface LinearPathPoint {
  /** s, from 0 (x_0) to 1 (ε). */
  readonly time: number;
  /** z_s = scale · x_t. */
  readonly scale: number;
}

const linearPathPointArguments = signature('linearPathPoint', { signal: finite, sigma: finite });

/**
 * The point z_s = (1 - s) · x_0 + s · ε of the linear path (Liu et al. 2023, rectified flow, equation 1; Lipman et al. 2023, the conditional
 * optimal-transport path, equation 20 with σ_min = 0 and time reversed) that is x_t but for its scale: s = √(1 - ᾱ_t) / (√ᾱ_t + √(1 - ᾱ_t)).
 * Every timestep of every noise schedule has one; with the schedule `flow` s is t/T.
 *
 * @param signal √ᾱ_t
 * @param sigma √(1 - ᾱ_t)
 */
export function linearPathPoint(signal: number, sigma: number): LinearPathPoint {
  linearPathPointArguments({ signal, sigma });
  return { time: sigma / (signal + sigma), scale: 1 / (signal + sigma) };
}
