import { ConfigError } from '../utils/errors.js';
import type { RandomStream } from '../utils/random.js';
import { NULL_LABEL } from './denoiser.js';

/** What a label dropout coin is tossed for. */
export const labelDropoutUnits = ['image', 'batch'] as const;
/** One of `labelDropoutUnits`: a coin for each image, or one for the batch. */
export type LabelDropoutUnit = (typeof labelDropoutUnits)[number];

/**
 * Withholds the label of each image with the given probability, so that one network learns the conditional and the
 * unconditional model together (Ho & Salimans 2022, Algorithm 1). One coin per image; each image consumes exactly one
 * uniform of `random`, whatever the outcome. With `per: 'batch'` one coin decides for all images, as in the paper's published
 * program: a step then learns one of the two models only.
 *
 * @param labels one class per image [B]
 * @returns a new array in which dropped labels are `NULL_LABEL`
 * @throws ConfigError for a probability outside [0, 1]
 */
export function dropLabels(
  labels: ArrayLike<number>,
  probability: number,
  random: RandomStream,
  per: LabelDropoutUnit = 'image',
): Int32Array {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ConfigError(`The label dropout probability must be from 0 to 1, got ${probability}.`);
  }
  if (per === 'batch') {
    const isDropped = random.uniform() < probability;
    return Int32Array.from(labels, (label) => (isDropped ? NULL_LABEL : label));
  }
  return Int32Array.from(labels, (label) => (random.uniform() < probability ? NULL_LABEL : label));
}
