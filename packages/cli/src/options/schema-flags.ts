import { Option } from 'commander';
import type { z } from 'zod';

/** How a field of a schema is given on the command line. */
export interface FieldFlag {
  /** As a command declares it, without its value: `-w, --omega`. */
  readonly declaration: string;
  /** What goes before the value: `--omega`. */
  readonly long: string;
  /** Under what name a parsed command line holds it: `omega`. */
  readonly attribute: string;
}

/** The flag of a field: the `flag` of its metadata, or else its name in kebab case. */
export function flagOf(name: string, field?: z.ZodType): FieldFlag {
  const kebab = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const { flag = kebab } = (field?.meta() ?? {}) as { readonly flag?: string };
  const long = flag.split(', ').at(-1) ?? kebab;
  const attribute = long.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { declaration: flag, long, attribute };
}

/** The option that turns one without a value off: `--no-clip-x0`. */
export const turningOff = (long: string): Option => new Option(negated(long), `turn ${long} off`);

const negated = (long: string): string => long.replace(/^--/, '--no-');

/** The part of a parsed command line that belongs to a schema, by the names of its fields. */
export function givenFields(schema: z.ZodObject, flags: object): Record<string, unknown> {
  const parsed = flags as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
      const value = parsed[flagOf(name, field).attribute];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/**
 * The arguments of a command line that give the fields of a schema among `values`: what `givenFields` reads back. False is left
 * out where the schema says so itself; elsewhere it is a choice against what a model or a preset says: `--no-clip-x0`.
 *
 * @throws TypeError for a value that has no flag, an object
 */
export function flagArguments(schema: z.ZodObject, values: object): string[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const { long } = flagOf(name, field);
    const value = (values as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) return [];
    if (value === true) return [long];
    if (value === false) return field.safeParse(undefined).data === false ? [] : [negated(long)];
    if (Array.isArray(value)) return [long, value.join()];
    if (typeof value === 'string' || typeof value === 'number') return [long, String(value)];
    throw new TypeError(`the field ${name} has no form on the command line`);
  });
}
