import { ConfigError } from '../utils/errors.js';
import type { RandomStream } from '../utils/random.js';
import { NULL_LABEL } from './denoiser.js';

/**
 * Withholds the label of each image with the given probability, so that one network learns the conditional and the
 * unconditional model together (Ho & Salimans 2022, Algorithm 1). One coin per image; each image consumes exactly one
 * uniform of `random`, whatever the outcome.
 *
 * @param labels one class per image [B]
 * @returns a new array in which dropped labels are `NULL_LABEL`
 * @throws ConfigError for a probability outside [0, 1]
 */
export function dropLabels(labels: ArrayLike<number>, probability: number, random: RandomStream): Int32Array {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ConfigError(`The label dropout probability must be from 0 to 1, got ${probability}.`);
  }
  return Int32Array.from(labels, (label) => (random.uniform() < probability ? NULL_LABEL : label));
}
