import { z } from 'zod';
import { type ModelSampling, samplingSchema } from 'ts-diffusion/diffusion';
import { LARGEST_OMEGA } from '../components/guidance-field.js';
import type { Address } from './address.js';

// A page with a content security policy has no `eval`, and asking for it is reported as an error.
z.config({ jitless: true });

/** The sampling options that the page's address holds, complete. */
export type PageSampling = Pick<
  z.output<typeof samplingSchema>,
  'seed' | 'guidanceWeight' | 'sampler' | 'samplingSteps' | 'spacing'
>;

interface Parameter {
  /** Its name in the address. */
  readonly name: string;
  /** Within what the page offers numbers; others are brought to the nearest. */
  readonly numbers?: { readonly least: number; readonly most: number; readonly whole: boolean };
}

const parameters: { readonly [Name in keyof PageSampling]: Parameter } = {
  seed: { name: 'seed', numbers: { least: 0, most: 999_999, whole: true } },
  guidanceWeight: { name: 'omega', numbers: { least: 0, most: LARGEST_OMEGA, whole: false } },
  sampler: { name: 'sampler' },
  samplingSteps: { name: 'steps', numbers: { least: 1, most: 1000, whole: true } },
  spacing: { name: 'spacing' },
};

/** How to draw, as the address says; what it leaves open, or says wrongly, is as the model is drawn from. */
export function samplingIn(address: Address, defaults: ModelSampling): PageSampling {
  const read = <Name extends keyof PageSampling>(field: Name, otherwise: PageSampling[Name]): PageSampling[Name] => {
    const { name, numbers } = parameters[field];
    const text = address.parameters.get(name) ?? '';
    if (text.trim() === '') return otherwise;
    const schema: z.ZodType = samplingSchema.shape[field];
    const result = schema.safeParse(numbers === undefined ? text : nearest(Number(text), numbers));
    return result.success ? (result.data as PageSampling[Name]) : otherwise;
  };
  return {
    seed: read('seed', samplingSchema.shape.seed.parse(undefined)),
    guidanceWeight: read('guidanceWeight', defaults.guidanceWeight),
    sampler: read('sampler', defaults.sampler),
    samplingSteps: read('samplingSteps', defaults.samplingSteps),
    spacing: read('spacing', defaults.spacing),
  };
}

function nearest(value: number, { least, most, whole }: NonNullable<Parameter['numbers']>): number {
  const within = Math.min(Math.max(value, least), most);
  return whole ? Math.round(within) : within;
}
