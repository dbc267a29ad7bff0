import { InvalidArgumentError } from 'commander';
import { NULL_LABEL } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';

/** Parses a command-line value; commander names the option in front of the message of what it throws. */
export type ArgumentParser<T> = (text: string) => T;

/** An integer from `least` to `most`. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): ArgumentParser<number> {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
    }
    return value;
  };
}

/** A finite number of at least `least`. */
export function numberFrom(least: number): ArgumentParser<number> {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(value) || value < least) throw new InvalidArgumentError(`Expected a number >= ${least}.`);
    return value;
  };
}

/** A comma-separated list of integers from `least` to `most`. */
export function integerList(least: number, most?: number): ArgumentParser<number[]> {
  const parse = integer(least, most);
  return (text) => text.split(',').map((item) => parse(item.trim()));
}

/** Labels as given on the command line: `all`, or one text each. What they mean depends on the model: `resolveLabels`. */
export type LabelSelection = 'all' | readonly string[];

const EXPECTED_LABELS = 'Expected "all", "none", or labels and ranges such as 3,3,7 or 0-9, or names of classes.';

/** `all`, `none` (images without a class), or labels, ranges and names of classes in order: `3,3,7`, `0-9`, `cat,dog`. */
export const labelSelection: ArgumentParser<LabelSelection> = (text) => {
  if (text === 'all') return 'all';
  const items = text.split(',').map((item) => item.trim().normalize('NFC'));
  if (items.every((item) => item !== '')) return items;
  throw new InvalidArgumentError(EXPECTED_LABELS);
};

/** The classes of a model, or of a data set. */
export interface Classes {
  /** Those that can be drawn, ascending. */
  readonly seenClasses: readonly number[];
  /** What they are called, by label. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * The labels themselves; `all` are the classes that the model has seen. Where classes have names, a text is first looked for
 * among them: the class `7` need not have the label 7.
 *
 * @throws ConfigError for a text that is neither a label, a range nor a name
 */
export function resolveLabels(selection: LabelSelection, { seenClasses, classNames }: Classes): number[] {
  if (selection === 'all') return [...seenClasses];
  if (selection.length === 1 && selection[0] === 'none' && classNames?.includes('none') !== true) return [NULL_LABEL];
  return selection.flatMap((item) => labelsOf(item, classNames));
}

function labelsOf(item: string, names: readonly string[] = []): number[] {
  const named = (text: string): number | undefined => {
    const label = names.indexOf(text);
    return label < 0 ? undefined : label;
  };
  const whole = named(item);
  if (whole !== undefined) return [whole];
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from !== undefined && last >= first) {
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return numbers.map((number) => named(String(number)) ?? number);
  }
  const known = names.length === 0 ? 'its classes have numbers, not names' : `its classes: ${names.join(', ')}`;
  throw new ConfigError(`"${item}" is no class of this model (${known}). ${EXPECTED_LABELS}`);
}

/** Classes by their indices, whatever they are called; `NULL_LABEL`: none, `all`: each of `seenClasses`. */
export type IndexSelection = readonly (number | 'all')[];

/** A comma-separated list of indices of classes, -1 and `all`, which may occur several times. */
export const indexSelection: ArgumentParser<IndexSelection> = (text) => {
  const index = integer(NULL_LABEL);
  return text.split(',').map((item) => (item === 'all' ? item : index(item)));
};

/** The labels themselves, in order. Whether the model has them is checked where they are drawn. */
export function resolveIndices(selection: IndexSelection, { seenClasses }: Pick<Classes, 'seenClasses'>): number[] {
  return selection.flatMap((item) => (item === 'all' ? seenClasses : [item]));
}

/** A comma-separated list of some of `names`, in their order. */
export function someOf<T extends string>(names: readonly T[]): ArgumentParser<readonly T[]> {
  return (text) => {
    const wanted = text.split(',').map((item) => item.trim());
    const unknown = wanted.find((item) => !names.includes(item as T));
    if (unknown !== undefined) throw new InvalidArgumentError(`Expected names among ${names.join(',')}.`);
    return names.filter((item) => wanted.includes(item));
  };
}
