import { z } from 'zod';
import { ConfigError } from '../../utils/errors.js';
import { nearestName } from '../../utils/nearest-name.js';
import { shownOption } from './shown-option.js';
import { samplers } from './index.js';
import { addsNoise, type OptionValues, type Sampler } from './sampler.js';

/**
 * The options of one sampler, checked and completed by their defaults.
 *
 * @param given by name; undefined counts as not given
 * @throws ConfigError for an option out of range, or one that this sampler does not have, naming the sampler that has it
 */
export function ownOptions(sampler: Sampler, given: Readonly<Record<string, unknown>>): OptionValues {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const field = Object.hasOwn(sampler.options, name) ? (sampler.options[name] as z.ZodType) : undefined;
    if (field === undefined) throw new ConfigError(notOwned(sampler, name));
    const result = field.safeParse(value);
    if (!result.success) {
      const { expected } = (field.meta() ?? {}) as { readonly expected?: string };
      const allowed = expected ?? result.error.issues.map(({ message }) => message).join('; ');
      throw new ConfigError(
        `The option ${name} of the sampler ${sampler.name} must be ${allowed}, got ${shownOption(value)}.`,
      );
    }
    values[name] = value;
  }
  return z.object(sampler.options).parse(values);
}

/** The samplers of the program whose images follow from the starting noise alone, e.g. `ddim with eta 0`. */
export function noiselessSamplers(): string[] {
  return Object.values<Sampler>(samplers).flatMap((sampler) => {
    const defaults = ownOptions(sampler, {});
    if (addsNoise(sampler, defaults)) return [];
    if (sampler.stochastic === false) return [sampler.name];
    // How much noise is added is a number; other options have no part in whether there is any.
    const strengths = Object.entries(defaults).filter(([, value]) => typeof value === 'number');
    const settings = strengths.map(([name, value]) => `${name} ${String(value)}`);
    return [`${sampler.name} with ${settings.join(' and ')}`];
  });
}

function notOwned(sampler: Sampler, name: string): string {
  const owners = Object.values<Sampler>(samplers).filter(({ options }) => Object.hasOwn(options, name));
  if (owners.length > 0) {
    const names = owners.map((owner) => owner.name).join(', ');
    return `The option ${name} belongs to the sampler ${names}; this one has no such option.`;
  }
  const own = Object.keys(sampler.options);
  const meant = nearestName(name, own);
  const suggestion = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return `The sampler ${sampler.name} has no option ${name}.${suggestion} Its own options: ${own.join(', ') || 'none'}.`;
}
