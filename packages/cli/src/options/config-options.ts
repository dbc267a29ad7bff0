import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { flagOf, turningOff } from './schema-flags.js';

/** What the options need to know of a field, in JSON Schema's words. */
interface FieldSchema {
  readonly type?: 'integer' | 'number' | 'string' | 'boolean' | 'array' | 'object';
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
}

/**
 * Adds one option per field of a configuration schema: `batchSize` becomes `--batch-size <integer>`, described by the
 * schema's own words and default. Only options that were given appear in `command.opts()`, so that presets and files keep
 * their say; ranges are checked by the schema.
 *
 * @param defaults what the command takes unless it is told otherwise, where that is not what the schema says
 */
export function addConfigOptions(
  command: Command,
  schema: z.ZodObject,
  defaults: Readonly<Record<string, unknown>> = {},
): Command {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  for (const [name, described] of Object.entries(properties) as [string, FieldSchema][]) {
    const field = { ...described, default: defaults[name] ?? described.default };
    command.addOption(fieldOption(name, field));
    if (field.type === 'boolean') command.addOption(turningOff(flagOf(name).long));
  }
  return listOptionsWhenUnknown(command);
}

/** The part of the parsed options that belongs to the schema. */
export function givenConfig(schema: z.ZodObject, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(schema.shape, name)));
}

function fieldOption(name: string, field: FieldSchema): Option {
  const { long: flag } = flagOf(name);
  const text = [field.description ?? '', describeDefault(field.default)].filter((part) => part !== '').join(' ');
  if (field.enum !== undefined) return new Option(`${flag} <name>`, text).choices(field.enum);
  switch (field.type) {
    case 'boolean':
      return new Option(flag, text);
    case 'integer':
    case 'number':
      return new Option(`${flag} <${field.type}>`, text).argParser(parseNumber);
    case 'array':
      return new Option(`${flag} <integers>`, text).argParser((list) => list.split(',').map(parseNumber));
    case 'object':
      return new Option(`${flag} <file>`, text).argParser(readJsonObject);
    case 'string':
      return new Option(`${flag} <text>`, text);
    default:
      throw new TypeError(`Configuration field "${name}" has no command line form`);
  }
}

function describeDefault(value: unknown): string {
  if (value === undefined || value === false) return '';
  return `(default: ${Array.isArray(value) ? value.join(',') : JSON.stringify(value).replaceAll('"', '')})`;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** @throws InvalidArgumentError where the file cannot be read or is not JSON */
function readJsonObject(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InvalidArgumentError(`Expected a JSON file (${(error as Error).message}).`);
  }
}

/** Commander names only a similar option, if there is one. */
function listOptionsWhenUnknown(command: Command): Command {
  return command.configureOutput({
    outputError: (text, write) => {
      const valid = command.options.map((option) => option.long).join(', ');
      write(text.includes('unknown option') ? `${text.trimEnd()}\nOptions: ${valid}\n` : text);
    },
  });
}
