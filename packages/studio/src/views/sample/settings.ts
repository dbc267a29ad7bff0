import type { SampleSettings } from '../../engine/protocol.js';
import type { ManifestEntry } from '../../engine/manifest.js';
import { choiceIn, digitsIn, numberIn, type Address } from '../../state/address.js';
import { LARGEST_OMEGA } from '../../components/guidance-field.js';
import { samplerNames, spacingNames } from '../../state/samplers.js';

export const LARGEST_SEED = 999_999;
const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/** `NULL_LABEL`, an image without a class. */
const NONE = -1;

export interface PageSettings extends SampleSettings {
  /** The digits chosen; none: images without a class. */
  readonly digits: readonly number[];
  /** Images of each. */
  readonly each: number;
}

/** What to draw, as the address and the model's own habits say. */
export function settingsIn(address: Address, { defaults }: ManifestEntry): PageSettings {
  const withoutClass = address.parameters.get('digits') === 'none';
  const digits = withoutClass ? [] : digitsIn(address, 'digits', ALL);
  const each = Math.round(numberIn(address, 'each', 1, 1, 10));
  const labels = (withoutClass ? [NONE] : digits).flatMap((digit) => Array<number>(each).fill(digit));
  return {
    digits,
    each,
    labels,
    omega: numberIn(address, 'omega', defaults.omega, 0, LARGEST_OMEGA),
    seed: Math.round(numberIn(address, 'seed', 0, 0, LARGEST_SEED)),
    sampler: choiceIn(address, 'sampler', samplerNames, defaults.sampler),
    steps: Math.round(numberIn(address, 'steps', defaults.steps, 1, 1000)),
    spacing: choiceIn(address, 'spacing', spacingNames, defaults.spacing),
  };
}

/** All of it as parameters of the address. */
export function parametersOf(
  { digits, each, omega, seed, sampler, steps, spacing }: PageSettings,
  { id }: ManifestEntry,
  show: string,
): Readonly<Record<string, string>> | undefined {
  if (id === '') return undefined;
  return {
    model: id,
    digits: digits.length === 0 ? 'none' : digits.join(''),
    each: String(each),
    steps: String(steps),
    show,
    omega: String(omega),
    sampler,
    spacing,
    seed: String(seed),
  };
}
