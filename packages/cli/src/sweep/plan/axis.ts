import { ConfigError } from 'ts-diffusion/errors';
import type { RandomStream } from 'ts-diffusion/diffusion';
import { parseConfig } from 'ts-diffusion/train';
import { z } from 'zod';
import { checkField, isInteger, splitField } from './fields.js';

/** The values that a plan gives a field: some, or all from one number to another, of which a random search draws. */
export type Axis = ListedAxis | RangeAxis;

export interface ListedAxis {
  /** `SECTION.FIELD`. */
  readonly field: string;
  readonly values: readonly unknown[];
}

export interface RangeAxis {
  readonly field: string;
  readonly range: Range;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly logarithmic: boolean;
  readonly integer: boolean;
}

const rangeSchema = z.strictObject({
  from: z.number(),
  to: z.number(),
  count: z.int().min(1).max(1000).optional(),
  scale: z.enum(['linear', 'log']).default('linear'),
});
const seedsSchema = z.strictObject({ seeds: z.int().min(1).max(1000), first: z.int().nonnegative().default(0) });

/** Decimal digits of numbers of a range: no rounding errors such as 0.30000000000000004. */
const DIGITS = 10;
/** Of random numbers: more digits say no more. */
const RANDOM_DIGITS = 4;

/** Whether an axis repeats a setting instead of changing it. */
export const isSeedAxis = ({ field }: Pick<Axis, 'field'>): boolean => field.endsWith('.seed');

/**
 * An axis as a plan has it: a list of values, one value, `{ from, to, count, scale }`, or for seeds `{ seeds, first }`.
 *
 * @param at where it stands, for errors
 * @throws ConfigError for an axis without values, a value that the field does not allow, and an unknown field
 */
export function parseAxis(name: string, given: unknown, at: string): Axis {
  const { section, field } = splitField(name, at);
  // A field that does not exist is told of before what its values look like.
  const check = (value: unknown): void => {
    checkField(section, field, value, at);
  };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (values.length === 0) throw new ConfigError(`${at}: the axis ${name} is empty; give at least one value.`);
    values.forEach(check);
    return { field: name, values: distinct(values, name, at) };
  }
  if (field === 'seed' && 'seeds' in given) {
    const { seeds, first } = parseConfig(seedsSchema, given, `${at}: ${name}`);
    return { field: name, values: Array.from({ length: seeds }, (_, i) => first + i) };
  }
  if (!('from' in given)) {
    check(given);
    throw new ConfigError(
      `${at}: the axis ${name} is neither a list of values nor a range; write [a, b], { from: 0, to: 1, count: 5 }` +
        `${field === 'seed' ? ' or { seeds: 3 }' : ''}.`,
    );
  }
  const { count, scale, from, to } = parseConfig(rangeSchema, given, `${at}: ${name}`);
  const range = { from, to, logarithmic: scale === 'log', integer: isInteger(section, field) };
  if (range.logarithmic && Math.min(from, to) <= 0) {
    throw new ConfigError(`${at}: the axis ${name} is logarithmic and needs numbers above 0.`);
  }
  [from, to].forEach(check);
  if (count === undefined) return { field: name, range };
  const share = (i: number): number => (count === 1 ? 0 : i / (count - 1));
  const values = [...new Set(Array.from({ length: count }, (_, i) => within(range, share(i), DIGITS)))];
  values.forEach(check);
  return { field: name, values };
}

/** A value of an axis drawn from a stream: of a list each alike, of a range uniform, or log-uniform. */
export function drawValue(axis: Axis, stream: RandomStream): unknown {
  return 'values' in axis
    ? axis.values[stream.integer(axis.values.length)]
    : within(axis.range, stream.uniform(), RANDOM_DIGITS);
}

/** The number that lies a share of the way from one end of a range to the other. */
function within({ from, to, logarithmic, integer }: Range, share: number, digits: number): number {
  const exact = logarithmic ? from * (to / from) ** share : from + (to - from) * share;
  return integer ? Math.round(exact) : Number(exact.toPrecision(digits));
}

function distinct(values: readonly unknown[], name: string, at: string): readonly unknown[] {
  const texts = values.map((value) => JSON.stringify(value));
  const twice = texts.find((text, i) => texts.indexOf(text) < i);
  if (twice !== undefined) throw new ConfigError(`${at}: the axis ${name} has ${twice} twice; give each value once.`);
  return values;
}
