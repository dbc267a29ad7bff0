import type { z } from 'zod';
import { zodObject } from './argument-shapes.js';
import { record, signature, text } from './arguments.js';
import { ConfigError } from './errors.js';
import { nearestName } from './nearest-name.js';

const parseConfigArguments = signature('parseConfig', { schema: zodObject, origin: text });
const parsedArguments = signature('parseConfig', { value: record });

/**
 * Validates `value` against a configuration schema and fills in the defaults.
 *
 * @param origin what the value is or where it comes from, for the error
 * @throws ConfigError with one sentence per problem
 */
export function parseConfig<S extends z.ZodObject>(schema: S, value: unknown, origin: string): z.infer<S> {
  parseConfigArguments({ schema, origin });
  const result = schema.safeParse(value);
  if (result.success) {
    // To zod a date is an object like any other.
    parsedArguments({ value });
    return result.data;
  }
  const problems = result.error.issues.map((issue) => describeIssue(issue, Object.keys(schema.shape)));
  throw new ConfigError(`${origin}: ${problems.join(' ')}`);
}

function describeIssue(issue: z.core.$ZodIssue, fields: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => `"${key}"`).join(', ');
    const meant = issue.keys.flatMap((key) => nearestName(key, fields) ?? []).map((name) => `"${name}"`);
    const suggestion = meant.length === 0 ? '' : ` Did you mean ${meant.join(', ')}?`;
    return `unknown field ${unknown}.${suggestion} Fields: ${fields.join(', ')}.`;
  }
  const where = issue.path.join('.');
  return `${where === '' ? '' : `"${where}": `}${issue.message}.`;
}
