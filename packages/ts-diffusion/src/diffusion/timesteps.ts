import { ConfigError } from '../utils/errors.js';
import { finite, number, signature } from '../utils/arguments.js';

const evenlySpacedTimestepsArguments = signature('evenlySpacedTimesteps', {
  timesteps: finite,
  count: number,
  last: finite.optional(),
});

/**
 * `count` timesteps from T down to `last`, evenly spaced and rounded to the nearest integer (ties to even), T alone for
 * count = 1. Down to 1 they are the list a sampler visits; down to 0, the finished image, the columns of a figure.
 *
 * @throws ConfigError unless there are `count` timesteps in last..T
 */
export function evenlySpacedTimesteps(timesteps: number, count: number, last: 0 | 1 = 1): number[] {
  evenlySpacedTimestepsArguments({ timesteps, count, last });
  const most = timesteps - last + 1;
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new ConfigError(
      `The number of timesteps to choose from ${last}..${timesteps} must be an integer from 1 to ${most}, got ${count}.`,
    );
  }
  if (count === 1) return [timesteps];
  const spacing = (timesteps - last) / (count - 1);
  return Array.from({ length: count }, (_, i) => last + roundHalfToEven((count - 1 - i) * spacing));
}

/** The nearest integer, ties to even, as NumPy rounds. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
