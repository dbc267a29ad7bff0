import { fields } from 'virtual:sampling';
import type { ModelSampling, SamplingData } from 'ts-diffusion/diffusion';
import { LARGEST_OMEGA } from '../components/guidance-field.js';
import type { Address } from './address.js';

/** The sampling options that the page's address holds, complete. */
export type PageSampling = {
  readonly [Name in 'seed' | 'guidanceWeight' | 'sampler' | 'samplingSteps' | 'spacing']-?: NonNullable<
    SamplingData[Name]
  >;
};

interface Parameter {
  /** Its name in the address. */
  readonly name: string;
  /** Within what the page offers numbers, where the schema allows more; others are brought to the nearest. */
  readonly least?: number;
  readonly most?: number;
}

const parameters: { readonly [Name in keyof PageSampling]: Parameter } = {
  seed: { name: 'seed', most: 999_999 },
  guidanceWeight: { name: 'omega', most: LARGEST_OMEGA },
  sampler: { name: 'sampler' },
  samplingSteps: { name: 'steps', least: 1, most: 1000 },
  spacing: { name: 'spacing' },
};

/** What an option is unless the address or the model says otherwise. */
export function defaultOf<Name extends keyof PageSampling>(option: Name): PageSampling[Name] {
  return fields[option]?.default as PageSampling[Name];
}

/** How to draw, as the address says; what it leaves open, or says wrongly, is the default sampling of the model. */
export function samplingIn(address: Address, defaults: ModelSampling): PageSampling {
  const read = <Name extends keyof PageSampling>(option: Name, otherwise: PageSampling[Name]): PageSampling[Name] => {
    const text = address.parameters.get(parameters[option].name) ?? '';
    const value = text.trim() === '' ? undefined : valueOf(option, text);
    return value === undefined ? otherwise : (value as PageSampling[Name]);
  };
  return {
    seed: read('seed', defaultOf('seed')),
    guidanceWeight: read('guidanceWeight', defaults.guidanceWeight),
    sampler: read('sampler', defaults.sampler),
    samplingSteps: read('samplingSteps', defaults.samplingSteps),
    spacing: read('spacing', defaults.spacing),
  };
}

/** The value that a text stands for; undefined where the schema has none for it. */
function valueOf(option: keyof PageSampling, text: string): unknown {
  const { type, enum: names, minimum = -Infinity, maximum = Infinity } = fields[option] ?? {};
  if (names !== undefined) return names.includes(text) ? text : undefined;
  const { least = minimum, most = maximum } = parameters[option];
  const value = Math.min(Math.max(Number(text), least), most);
  if (!Number.isFinite(value)) return undefined;
  return type === 'integer' ? Math.round(value) : value;
}
