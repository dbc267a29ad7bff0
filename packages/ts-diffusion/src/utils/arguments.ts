import { ConfigError } from './errors.js';

/**
 * What callers give to the library's public functions: JavaScript does not check types, and a wrong one would end in a TypeError far
 * from its cause, or in a wrong number. Not by zod, which whoever bundles one function of the library would bundle, too.
 */
export class Kind {
  readonly #wrong: (value: unknown) => Wrong | undefined;

  private constructor(wrong: (value: unknown) => Wrong | undefined) {
    this.#wrong = wrong;
  }

  /** @param expected as a message says it: "a finite number" */
  static of(expected: string, matches: (value: unknown) => boolean): Kind {
    return new Kind((value) => (matches(value) ? undefined : { path: [], found: value, expected }));
  }

  /** An object of options, of which a wrong one is named; more than these may be there. */
  static options(fields: Readonly<Record<string, Kind>>): Kind {
    return new Kind((value) => {
      const notAnObject = record.wrong(value);
      if (notAnObject) return notAnObject;
      for (const [name, kind] of Object.entries(fields)) {
        const wrong = kind.wrong((value as Readonly<Record<string, unknown>>)[name]);
        if (wrong) return { ...wrong, path: [name, ...wrong.path] };
      }
      return undefined;
    });
  }

  /** What is wrong with a value; undefined: nothing. */
  wrong(value: unknown): Wrong | undefined {
    return this.#wrong(value);
  }

  matches(value: unknown): boolean {
    return this.wrong(value) === undefined;
  }

  /** The same, or undefined. */
  optional(): Kind {
    return new Kind((value) => (value === undefined ? undefined : this.wrong(value)));
  }

  /** The same, or null. */
  nullable(): Kind {
    return new Kind((value) => (value === null ? undefined : this.wrong(value)));
  }
}

interface Wrong {
  /** Where in the value, as names of fields. */
  readonly path: readonly string[];
  readonly found: unknown;
  readonly expected: string;
}

/** Of any realm: a page's frames and workers have classes of their own. */
const ofType =
  (name: string) =>
  (value: unknown): boolean =>
    Object.prototype.toString.call(value) === `[object ${name}]`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const wholeFrom =
  (least: number) =>
  (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least;

export const text = Kind.of('a string', (value) => typeof value === 'string');
export const flag = Kind.of('true or false', (value) => typeof value === 'boolean');
/** For functions that say themselves which numbers they take. */
export const number = Kind.of('a number', (value) => typeof value === 'number');
export const finite = Kind.of('a finite number', Number.isFinite);
export const count = Kind.of('a whole number of at least 0', wholeFrom(0));
export const positiveCount = Kind.of('a whole number of at least 1', wholeFrom(1));
/** A Buffer is one too. */
export const bytes = Kind.of('a Uint8Array', ofType('Uint8Array'));
export const floats = Kind.of('a Float32Array', ofType('Float32Array'));
export const integers = Kind.of('an Int32Array', ofType('Int32Array'));
export const address = Kind.of('a URL', ofType('URL'));
export const callback = Kind.of('a function', (value) => typeof value === 'function');
export const tensorMap = Kind.of('a Map of tensors by their names', ofType('Map'));
export const signal = Kind.of('an AbortSignal', ofType('AbortSignal'));
/** Neither a list nor another of the language's own objects. */
export const record = Kind.of('an object', ofType('Object'));
/** Numbers in an array, a typed array, or anything else with a length. */
export const numbers = Kind.of(
  'an array of numbers',
  (value) => isObject(value) && count.matches(value['length']) && holdsNumbers(value as never),
);
export const textOrBytes = oneOf([text, bytes], 'a string or a Uint8Array');

function holdsNumbers(values: ArrayLike<unknown>): boolean {
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] !== 'number') return false;
  }
  return true;
}

export function oneOf(kinds: readonly Kind[], expected: string): Kind {
  return Kind.of(expected, (value) => kinds.some((kind) => kind.matches(value)));
}

/** One of these texts. */
export function choice(names: readonly string[]): Kind {
  return Kind.of(`one of ${names.join(', ')}`, (value) => names.some((name) => name === value));
}

/** An array of what `item` describes. */
export function listOf(item: Kind, expected: string): Kind {
  return Kind.of(expected, (value) => Array.isArray(value) && value.every((each) => item.matches(each)));
}

/** An object with at least these fields. Where one is wrong the whole is: it is not what `expected` says. */
export function like(expected: string, fields: Readonly<Record<string, Kind>>): Kind {
  return Kind.of(
    expected,
    (value) => isObject(value) && Object.entries(fields).every(([name, kind]) => kind.matches(value[name])),
  );
}

export const options = (fields: Readonly<Record<string, Kind>>): Kind => Kind.options(fields);

/** Checks the arguments of one call, by their names. @throws ConfigError naming the first that is wrong */
export type Signature<Names extends string> = (values: Readonly<Record<Names, unknown>>) => void;

/**
 * The check of a public function's arguments.
 *
 * @param name as callers know it: `slerp`, `pipeline.generate`
 * @param shape the kind of each argument, by its name
 */
export function signature<Names extends string>(name: string, shape: Readonly<Record<Names, Kind>>): Signature<Names> {
  return (values) => {
    for (const argument of Object.keys(shape) as Names[]) {
      const wrong = shape[argument].wrong(values[argument]);
      if (!wrong) continue;
      const where = [argument, ...wrong.path].join('.');
      throw new ConfigError(`${name}: "${where}" is ${shown(wrong.found)}; expected ${wrong.expected}.`);
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
