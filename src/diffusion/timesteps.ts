import { ConfigError } from '../utils/errors.js';

/**
 * `count` timesteps from T down to 1, evenly spaced and rounded to the nearest integer (ties to even): the list a sampler
 * visits. With count = T it is every timestep, with count = 1 only T.
 *
 * @throws ConfigError unless count is an integer from 1 to T
 */
export function evenlySpacedTimesteps(timesteps: number, count: number): number[] {
  if (!Number.isInteger(count) || count < 1 || count > timesteps) {
    throw new ConfigError(`The number of sampling steps must be an integer from 1 to T = ${timesteps}, got ${count}.`);
  }
  if (count === 1) return [timesteps];
  const spacing = (timesteps - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => 1 + roundHalfToEven((count - 1 - i) * spacing));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
