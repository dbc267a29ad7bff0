import { z } from 'zod';
import { ConfigError } from '../utils/errors.js';
import { LARGEST_GUIDANCE_WEIGHT } from './guidance.js';
import { nearestName } from '../utils/nearest-name.js';
import { samplerNames, samplers, type OwnSamplerOptions, type Sampler } from './samplers/index.js';
import type { SamplerChoice } from './samplers/sampler-choice.js';
import { shownOption } from './samplers/shown-option.js';
import { timestepSpacings } from './timestep-spacing.js';
import { record, signature, text } from '../utils/arguments.js';
import { zodObject } from '../utils/argument-shapes.js';

/** The most images sampled together; guidance doubles the batch that the network sees. */
export const LARGEST_BATCH = 256;

/** What a field of the schema says beside its type. */
export interface SamplingFieldMeta {
  readonly description: string;
  /** What is allowed, as in "expected an integer from 1 to 256". */
  readonly expected: string;
  /** A sentence to refuse a value with instead: it ends in ", got VALUE." */
  readonly rule?: string;
  /** The command line's flag, where it is not the field's name in kebab case. */
  readonly flag?: string;
  /** What stands for the value in the command line's help. */
  readonly value?: string;
  /** What a flag without a value stands for. */
  readonly preset?: string;
  /** The field that cannot be given beside it. */
  readonly excludes?: string;
  /** Under which heading the command line's help has it; without: among the general options. */
  readonly group?: string;
}

const field = <Type extends z.ZodType>(type: Type, meta: SamplingFieldMeta): Type => type.meta({ ...meta });

const GUIDANCE = 'Guidance:';
const ALGORITHM = 'Sampling algorithm:';

const sharedFields = {
  seed: field(z.int().min(0).default(0), {
    description: 'seed of the noise; the noise of image i does not depend on the batch size',
    expected: 'an integer from 0 to 2^53-1',
    flag: '-s, --seed',
  }),
  firstImage: field(
    z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(0),
    {
      description: 'index of the first image of the seed, to sample a large set in parts',
      expected: 'an integer from 0 to 2^31-1',
    },
  ),
  batchSize: field(z.int().min(1).max(LARGEST_BATCH).default(128), {
    description: 'largest number of images sampled together',
    expected: `an integer from 1 to ${LARGEST_BATCH}`,
    flag: '-b, --batch-size',
  }),
  guidanceWeight: field(z.number().min(0).max(LARGEST_GUIDANCE_WEIGHT).default(0.2), {
    description: 'guidance weight omega: (1 + omega) * conditional - omega * unconditional',
    expected: `a number from 0 to ${LARGEST_GUIDANCE_WEIGHT}`,
    rule: `The guidance weight omega must be a number from 0 to ${LARGEST_GUIDANCE_WEIGHT}`,
    flag: '-w, --omega',
    group: GUIDANCE,
  }),
  guidanceScale: field(
    z
      .number()
      .min(1)
      .max(1 + LARGEST_GUIDANCE_WEIGHT)
      .optional(),
    {
      description: 'guidance scale s = 1 + omega, in place of omega',
      expected: `a number from 1 to ${1 + LARGEST_GUIDANCE_WEIGHT}`,
      rule: `The guidance scale s = 1 + omega must be a number from 1 to ${1 + LARGEST_GUIDANCE_WEIGHT}`,
      excludes: 'guidanceWeight',
      value: 's',
      group: GUIDANCE,
    },
  ),
  guidanceInterval: field(
    z
      .tuple([z.number().min(0), z.number().min(0)])
      .readonly()
      .refine(([low, high]) => high >= low)
      .optional(),
    {
      description:
        "apply guidance only at noise levels sqrt((1 - a) / a), EDM's sigma, within this interval, e.g. 0.3,5",
      value: 'low,high',
      expected: 'two numbers, the first >= 0 and the second at least the first, e.g. 0.3,5',
      group: GUIDANCE,
    },
  ),
  guidanceRescale: field(z.number().min(0).max(1).default(0), {
    description:
      'rescale the standard deviation of guided predictions towards that of unguided ones, e.g. 0.7; 0: off, 1: fully',
    expected: 'a number from 0 to 1',
    rule: 'The guidance rescale must be a number from 0 to 1',
    group: GUIDANCE,
  }),
  sampler: field(z.enum(samplerNames as [keyof typeof samplers, ...(keyof typeof samplers)[]]).default('ddpm'), {
    description: 'sampling algorithm',
    expected: `one of ${samplerNames.join(', ')}`,
    group: ALGORITHM,
  }),
  samplingSteps: field(z.int().min(0).default(0), {
    description: 'number of sampling steps; 0: all T timesteps',
    expected: 'an integer >= 0',
    flag: '--steps, --sampling-steps',
    group: ALGORITHM,
  }),
  spacing: field(z.enum(timestepSpacings).default('even'), {
    description: 'spacing of the sampling timesteps within 1..T',
    expected: `one of ${timestepSpacings.join(', ')}`,
    group: ALGORITHM,
  }),
  timesteps: field(z.array(z.int().min(1)).min(1).readonly().optional(), {
    description: 'explicit sampling timesteps, decreasing, in place of samplingSteps and spacing, e.g. 1000,500,250',
    expected: 'strictly decreasing integers within 1..T',
    group: ALGORITHM,
  }),
  clipX0: field(z.boolean().default(false), {
    description: 'clip the predicted x_0 to the pixel range at every step; the paper does not',
    expected: 'true or false',
    flag: '--clip, --clip-x0',
    group: ALGORITHM,
  }),
  dynamicThreshold: field(z.number().gt(0).max(1).optional(), {
    description: 'dynamic thresholding of the predicted x_0 at this percentile, given as a fraction',
    expected: 'a fraction in (0, 1]',
    rule: 'The percentile of dynamic thresholding must be a fraction in (0, 1]',
    flag: '--threshold, --dynamic-threshold',
    // The percentile that Saharia et al. 2022 use.
    preset: '0.995',
    value: 'percentile',
    excludes: 'clipX0',
    group: ALGORITHM,
  }),
  rawLevels: field(z.boolean().default(false), {
    description: "leave grey levels as the network draws them, without the model's tone curve",
    expected: 'true or false',
  }),
  resampling: field(
    z
      .strictObject({ jump: z.int().min(1), times: z.int().min(1) })
      .readonly()
      .optional(),
    {
      description:
        'RePaint resampling: repeat each segment of `jump` steps `times` times, so that inpainted and known pixels agree',
      expected: '{ jump, times }, both positive integers',
      group: ALGORITHM,
    },
  ),
} as const;

type OwnFields = {
  [Name in keyof OwnSamplerOptions]-?: z.ZodOptional<z.ZodType<Exclude<OwnSamplerOptions[Name], undefined>>>;
};

/** The fields that samplers own, by their names: optional, since the default counts for the owner alone. */
function ownFields(): OwnFields {
  const fields: Record<string, z.ZodType> = {};
  for (const sampler of Object.values<Sampler>(samplers)) {
    for (const [name, own] of Object.entries(sampler.options as Record<string, z.ZodType>)) {
      if (name in fields) continue;
      const type = own instanceof z.ZodDefault ? (own.unwrap() as z.ZodType) : own;
      const { description = '', expected = '' } = own.meta() ?? {};
      const about = `sampler ${sampler.name}: ${description}; default: ${String(own.parse(undefined))}`;
      fields[name] = field(type.optional(), { description: about, expected: String(expected), group: ALGORITHM });
    }
  }
  return fields as OwnFields;
}

/**
 * Everything that decides how images are drawn from a model, as data: the flags of the commands, the requests of the studio, the
 * address of its page, the manifest of the package's models, the metadata of exported models and the receipts of scores are
 * all derived from this schema.
 */
export const samplingSchema = z.strictObject({ ...sharedFields, ...ownFields() });

/** Options of `samplingSchema` as they may be given, in JSON. */
export type SamplingData = {
  readonly [Name in keyof z.input<typeof samplingSchema>]: z.input<typeof samplingSchema>[Name];
};

/** Options of drawing: those of `samplingSchema`, where the sampler may also be a user's own. */
export interface SamplingOptions extends Omit<SamplingData, 'sampler'> {
  /** Name of a sampler, or a sampler of one's own; its own options are then allowed beside these. */
  readonly sampler?: SamplerChoice | undefined;
}

/** A field without its default: it has to be given. */
const bare = <Type extends z.ZodType>(field: z.ZodDefault<Type>): Type => field.unwrap().meta(field.meta() ?? {});

/** A field without its default that may be left out. */
const optional = <Type extends z.ZodType>(field: z.ZodDefault<Type>): z.ZodOptional<Type> =>
  field
    .unwrap()
    .optional()
    .meta(field.meta() ?? {});

const { seed, firstImage, batchSize, guidanceWeight, guidanceScale, guidanceInterval } = sharedFields;
const { guidanceRescale, sampler, samplingSteps, spacing, timesteps, clipX0, dynamicThreshold, rawLevels } =
  sharedFields;

/** The options that have a form on the command line, as they are given: nothing is filled in. */
export const givenSamplingSchema = z.strictObject({
  seed: optional(seed),
  firstImage: optional(firstImage),
  batchSize: optional(batchSize),
  guidanceWeight: optional(guidanceWeight),
  guidanceScale,
  guidanceInterval,
  guidanceRescale: optional(guidanceRescale),
  sampler: optional(sampler),
  samplingSteps: optional(samplingSteps),
  spacing: optional(spacing),
  timesteps,
  clipX0: optional(clipX0),
  dynamicThreshold,
  rawLevels: optional(rawLevels),
  ...ownFields(),
});

/** The sampling of a model: what decides the quality of its images, and not which images. */
export const modelSamplingSchema = z.strictObject({
  sampler: bare(sampler),
  samplingSteps: bare(samplingSteps),
  spacing: bare(spacing),
  guidanceWeight: bare(guidanceWeight),
  guidanceInterval,
  guidanceRescale: optional(guidanceRescale),
  clipX0: optional(clipX0),
  dynamicThreshold,
  ...ownFields(),
});

/** Default sampling of a model; part of the manifest of shipped models and of exported models. */
export type ModelSampling = Readonly<z.output<typeof modelSamplingSchema>>;

/** What people coming from the command line or other libraries call an option. */
const otherNames: Readonly<Record<string, string>> = {
  omega: 'guidanceWeight',
  steps: 'samplingSteps',
  numInferenceSteps: 'samplingSteps',
  scheduler: 'sampler',
  threshold: 'dynamicThreshold',
  clip: 'clipX0',
};

const parseSamplingArguments = signature('parseSampling', {
  schema: zodObject,
  value: record,
  origin: text.optional(),
});

/**
 * Checks options against a schema made of fields of `samplingSchema`, and fills in its defaults.
 *
 * @param origin what the value is or where it comes from, for the error; none: the options of a call
 * @throws ConfigError for an unknown option, naming the nearest one, and for a value that is not allowed
 */
export function parseSampling<Schema extends z.ZodObject>(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  origin?: string,
): z.output<Schema> {
  parseSamplingArguments({ schema, value, origin });
  const given = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const problem =
    issue.code === 'unrecognized_keys'
      ? unknownOption(issue.keys[0] as string, Object.keys(schema.shape))
      : refusal(schema, String(issue.path[0]), given);
  throw new ConfigError(origin === undefined ? problem : `${origin}: ${problem}`);
}

/** A sentence about an option that is not one. */
export function unknownOption(name: string, known: readonly string[]): string {
  const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
  const meant = other !== undefined && known.includes(other) ? other : nearestName(name, known);
  const suggestion = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return `There is no sampling option "${name}".${suggestion} Options: ${known.join(', ')}.`;
}

function refusal(schema: z.ZodObject, name: string, given: Readonly<Record<string, unknown>>): string {
  const type = (schema.shape as Record<string, z.ZodType>)[name];
  const { rule, expected = 'another value' } = (type?.meta() ?? {}) as Partial<SamplingFieldMeta>;
  const value = given[name];
  if (rule !== undefined) return `${rule}, got ${shownOption(value)}.`;
  const isName = typeof value === 'string' && expected.startsWith('one of ');
  return `${name} is ${isName ? value : shownOption(value)}; expected ${expected}.`;
}
