import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import type { ResolvedSampling } from 'ts-diffusion';
import {
  givenSamplingSchema,
  type NoiseSchedule,
  type SamplingData,
  type SamplingFieldMeta,
  samplingSchema,
} from 'ts-diffusion/diffusion';
import { flagOf, givenFields, turningOff } from './schema-flags.js';
import { listedModels } from './pipeline-options.js';

/** The options that say how to sample, as every command that draws has them. `samplingOf` gives them their names in code. */
export type SamplingFlags = Omit<SamplingData, 'guidanceWeight' | 'resampling'> & { readonly omega?: number };

/** What is said of the defaults in a command's help, where it depends on the command. */
export interface SamplingHelp {
  /** What the command samples with unless asked otherwise, before what `samplingSchema` says. */
  readonly defaults?: SamplingData;
  /** The guidance weight unless given, in words. */
  readonly omega?: string;
  /** Whether the command draws, or changes images, in a shipped model's own way. */
  readonly drawsAsShipped?: boolean;
}

export const guidanceHelp = `
Guidance weight omega: the prediction is (1 + omega) * conditional - omega * unconditional (equation 6). Omega 0 is the
conditional model without guidance. Libraries such as diffusers use the guidance scale s = 1 + omega (--guidance-scale).`;

const AS_CONFIGURED = 'from the configuration of the run';
const AS_SHIPPED = 'models in the package: see below, unless --sampler is given';

/** What the options need to know of a field, in JSON Schema's words. */
interface FieldSchema extends Partial<SamplingFieldMeta> {
  readonly type?: 'integer' | 'number' | 'string' | 'boolean' | 'array' | 'object';
  readonly enum?: readonly string[];
  readonly default?: unknown;
}

/** Adds one option per field of `samplingSchema`, described and checked by the schema. Only options that are given have values. */
export function addSamplingOptions(command: Command, help: SamplingHelp = {}): Command {
  const { properties = {} } = z.toJSONSchema(samplingSchema, { io: 'input' });
  for (const [name, field] of Object.entries(properties) as [string, FieldSchema][]) {
    // Inpainting alone has use for `resampling`, and flags of its own for it.
    if (field.type !== 'object') command.addOption(samplingOption(name, field, help));
    if (field.type === 'boolean') command.addOption(offOption(name, field));
  }
  return command;
}

/** The sampling options that were given. */
export function samplingOf(flags: object): SamplingData {
  return givenFields(givenSamplingSchema, flags);
}

function samplingOption(name: string, field: FieldSchema, help: SamplingHelp): Option {
  const type = fieldOf(name);
  const about = [field.description ?? '', defaultOf(name, field, help)].filter((part) => part !== '').join('; ');
  const { declaration } = flagOf(name, type);
  const option = new Option(`${declaration}${valueName(field)}`, about);
  if (field.enum !== undefined) option.choices(field.enum);
  else if (field.type !== 'boolean') option.argParser((text) => parseField(type, field, text));
  if (field.preset !== undefined) option.preset(field.preset);
  if (field.group !== undefined) option.helpGroup(field.group);
  if (field.excludes !== undefined) {
    option.conflicts(flagOf(field.excludes, fieldOf(field.excludes)).attribute);
  }
  return option;
}

/** A model of the package, or an imported one, may say the contrary of the schema. */
function offOption(name: string, { group }: FieldSchema): Option {
  const option = turningOff(flagOf(name, fieldOf(name)).long);
  return group === undefined ? option : option.helpGroup(group);
}

const fieldOf = (name: string): z.ZodType => (samplingSchema.shape as Record<string, z.ZodType>)[name] as z.ZodType;

function valueName({ type, enum: names, value: told, preset }: FieldSchema): string {
  if (type === 'boolean') return '';
  const ofType = type === 'array' ? 'list' : type === 'integer' ? 'n' : 'number';
  const value = told ?? (names === undefined ? ofType : 'name');
  return preset === undefined ? ` <${value}>` : ` [${value}]`;
}

function parseField(type: z.ZodType, field: FieldSchema, text: string): unknown {
  const number = (item: string): number => (item.trim() === '' ? NaN : Number(item));
  const result = type.safeParse(field.type === 'array' ? text.split(',').map(number) : number(text));
  if (result.success) return result.data;
  throw new InvalidArgumentError(`${field.rule ?? `Expected ${field.expected ?? 'another value'}`}.`);
}

function defaultOf(
  name: string,
  field: FieldSchema,
  { defaults = {}, omega, drawsAsShipped = false }: SamplingHelp,
): string {
  const shipped = drawsAsShipped ? `; ${AS_SHIPPED}` : '';
  const own = (defaults as Readonly<Record<string, unknown>>)[name];
  if (own !== undefined) return `default: ${JSON.stringify(own).replaceAll('"', '')}`;
  if (name === 'guidanceWeight') return `default: ${omega ?? AS_CONFIGURED + shipped}`;
  if (name === 'samplingSteps') return `default: ${AS_CONFIGURED}${shipped}`;
  if (field.default === undefined || field.default === false) return '';
  return `default: ${JSON.stringify(field.default).replaceAll('"', '')}${name === 'sampler' || name === 'spacing' ? shipped : ''}`;
}

/** Lines of help: every model of the package and how it is sampled. */
export function shippedModelsHelp(): string {
  const lines = listedModels().map(({ id, description, sampling }) => {
    const { sampler, samplingSteps, spacing, guidanceWeight } = sampling;
    const how = `${sampler}, ${samplingSteps} steps (${spacing}), omega ${guidanceWeight}`;
    return `  ${id.padEnd(8)}${description}\n${' '.repeat(10)}Default sampler: ${how}.`;
  });
  return `\nModels in the package:\n${lines.join('\n')}\n`;
}

/** As `shippedModelsHelp`, for commands that change images. */
export function changedModelsHelp(): string {
  return (
    shippedModelsHelp() +
    `
In place of a default sampler that adds no noise (dpm-solver++), images are changed by dpm-solver++-sde in at least 20 steps:
fresh noise in each step makes new and given parts agree. The model student changes no images.
`
  );
}

/** What is about to happen, e.g. `sampler ddim, 25 of T = 500 timesteps (cosine, log-snr), guidance weight omega = 1 (...)`. */
export function describeSampling(
  { schedule }: { readonly schedule: NoiseSchedule },
  { sampler, timesteps, spacing, guidanceWeight }: ResolvedSampling,
): string {
  const spread = spacing === 'even' ? schedule.name : `${schedule.name}, ${spacing ?? 'as listed'}`;
  const visited = `${timesteps.length} of T = ${schedule.timesteps} timesteps (${spread})`;
  return `sampler ${sampler.name}, ${visited}, ${describeGuidance(guidanceWeight)}`;
}

/** The guidance weight in both conventions. */
function describeGuidance(omega: number): string {
  const short = (value: number): number => Number(value.toPrecision(6));
  return `guidance weight omega = ${short(omega)} (guidance scale s = 1 + omega = ${short(1 + omega)})`;
}
