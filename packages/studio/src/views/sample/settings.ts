import type { SampleSettings } from '../../engine/tasks.js';
import type { ManifestEntry } from 'ts-diffusion';
import { modelParameters } from '../../state/model-settings.js';
import { digitsIn, numberIn, type Address } from '../../state/address.js';
import { samplingIn, type PageSampling } from '../../state/sampling.js';

const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/** `NULL_LABEL`, an image without a class. */
const NONE = -1;

export interface PageSettings extends SampleSettings {
  readonly sampling: PageSampling;
  /** The digits chosen; none: images without a class. */
  readonly digits: readonly number[];
  /** Images of each. */
  readonly each: number;
}

/**
 * What to draw, as the address and the model's defaults say.
 *
 * @param classes of the model; of more than ten, the first ten can be chosen
 */
export function settingsIn(address: Address, { defaults }: ManifestEntry, classes: number = ALL.length): PageSettings {
  const all = ALL.slice(0, classes);
  const withoutClass = address.parameters.get('digits') === 'none';
  const wished = withoutClass ? [] : digitsIn(address, 'digits', all).filter((digit) => digit < classes);
  const digits = withoutClass || wished.length > 0 ? wished : all;
  const each = Math.round(numberIn(address, 'each', 1, 1, 10));
  const labels = (withoutClass ? [NONE] : digits).flatMap((digit) => Array<number>(each).fill(digit));
  return {
    digits,
    each,
    labels,
    sampling: samplingIn(address, defaults),
  };
}

/** All of it as parameters of the address. */
export function parametersOf(
  { digits, each, sampling }: PageSettings,
  model: ManifestEntry,
  show: string,
): Readonly<Record<string, string>> | undefined {
  if (model.id === '') return undefined;
  const { seed, guidanceWeight, sampler, samplingSteps, spacing } = sampling;
  return {
    ...modelParameters(model),
    digits: digits.length === 0 ? 'none' : digits.join(''),
    each: String(each),
    steps: String(samplingSteps),
    show,
    omega: String(guidanceWeight),
    sampler,
    spacing,
    seed: String(seed),
  };
}
