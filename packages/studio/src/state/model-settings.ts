import type { ManifestEntry } from 'ts-diffusion';
import type { Address } from './address.js';

/** A model as parameters of the address. With the weights, since a model of the same name may be trained anew. */
export const modelParameters = ({ id, weights }: ManifestEntry): Readonly<Record<string, string>> => ({
  model: id,
  ...(weights === undefined ? {} : { weights }),
});

/** The defaults of a model as parameters of the address. */
export const defaultParameters = ({ defaults }: ManifestEntry): Readonly<Record<string, string>> => ({
  sampler: defaults.sampler,
  steps: String(defaults.samplingSteps),
  spacing: defaults.spacing,
  omega: String(defaults.guidanceWeight),
});

/**
 * What changes in the address with the model: settings that were at the defaults of the model before are left to the
 * next one's; settings that were changed stay.
 */
export function changesToModel(
  id: string,
  before: ManifestEntry,
  { parameters }: Address,
): Readonly<Record<string, string | undefined>> {
  const unchanged = Object.entries(defaultParameters(before)).filter(([name, value]) => parameters.get(name) === value);
  return { model: id, weights: undefined, ...Object.fromEntries(unchanged.map(([name]) => [name, undefined])) };
}
