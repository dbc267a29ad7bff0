import { z } from 'zod';
import { ConfigError } from './errors.js';

/**
 * What callers give to the library's public functions, as schemas: JavaScript does not check types, and a wrong one would end in a
 * TypeError far from its cause, or in a wrong number. Each schema's message says what is expected.
 */

/** Of any realm: a page's frames and workers have classes of their own. */
const ofType =
  (name: string) =>
  (value: unknown): boolean =>
    Object.prototype.toString.call(value) === `[object ${name}]`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

export const text = z.string('a string');
export const flag = z.boolean('true or false');
/** For functions that say themselves which numbers they take. */
export const number = z.custom<number>((value) => typeof value === 'number', 'a number');
export const finite = z.number('a finite number');
export const wholeNumber = z.int('a whole number');
export const count = z.int('a whole number of at least 0').nonnegative('a whole number of at least 0');
export const positiveCount = z.int('a whole number of at least 1').positive('a whole number of at least 1');
/** A Buffer is one too. */
export const bytes = z.custom<Uint8Array>(ofType('Uint8Array'), 'a Uint8Array');
export const floats = z.custom<Float32Array>(ofType('Float32Array'), 'a Float32Array');
export const integers = z.custom<Int32Array>(ofType('Int32Array'), 'an Int32Array');
export const textOrBytes = z.union([text, bytes], 'a string or a Uint8Array');
export const address = z.custom<URL>(ofType('URL'), 'a URL');
export const callback = z.custom<() => unknown>((value) => typeof value === 'function', 'a function');
export const tensorMap = z.custom<ReadonlyMap<string, unknown>>(ofType('Map'), 'a Map of tensors by their names');
export const signal = z.custom<AbortSignal>(ofType('AbortSignal'), 'an AbortSignal');
/** Neither a list nor another of the language's own objects. */
export const record = z.custom<object>(ofType('Object'), 'an object');
/** Numbers in an array, a typed array, or anything else with a length. */
export const numbers = z.custom<ArrayLike<number>>(
  (value) => isObject(value) && count.safeParse(value['length']).success && holdsNumbers(value as never),
  'an array of numbers',
);

function holdsNumbers(values: ArrayLike<unknown>): boolean {
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] !== 'number') return false;
  }
  return true;
}

/** An array of what `item` describes. */
export function listOf(item: z.ZodType, expected: string): z.ZodType {
  return z.custom((value) => Array.isArray(value) && value.every((each) => item.safeParse(each).success), expected);
}

/** An object with at least these fields. Where one is wrong the whole is: it is not what `expected` says. */
export function like(expected: string, fields: Readonly<Record<string, z.ZodType>>): z.ZodType {
  return z.custom(
    (value) => isObject(value) && Object.entries(fields).every(([name, field]) => field.safeParse(value[name]).success),
    expected,
  );
}

/** The same for an object of options, of which a wrong one is named. */
export function options(fields: Readonly<Record<string, z.ZodType>>): z.ZodType {
  return record.pipe(z.looseObject(fields));
}

/** Checks the arguments of one call, by their names. @throws ConfigError naming the first that is wrong */
export type Signature<Names extends string> = (values: Readonly<Record<Names, unknown>>) => void;

/**
 * The check of a public function's arguments.
 *
 * @param name as callers know it: `slerp`, `pipeline.generate`
 * @param shape the schema of each argument, by its name
 */
export function signature<Names extends string>(
  name: string,
  shape: Readonly<Record<Names, z.ZodType>>,
): Signature<Names> {
  return (values) => {
    for (const argument of Object.keys(shape) as Names[]) {
      const result = shape[argument].safeParse(values[argument]);
      if (result.success) continue;
      const { path = [], message = '' } = result.error.issues[0] ?? {};
      const found = path.reduce(
        (value: unknown, key) => (value as Record<PropertyKey, unknown>)[key],
        values[argument],
      );
      throw new ConfigError(`${name}: "${[argument, ...path].join('.')}" is ${shown(found)}; expected ${message}.`);
    }
  };
}

const LONGEST = 40;

function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const { length } = value as { length?: unknown };
  const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return typeof length === 'number' ? `an ${type} of ${length}`.replace(/^an (?=[^AEIOU])/, 'a ') : 'another object';
}
