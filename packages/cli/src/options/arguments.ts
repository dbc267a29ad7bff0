import { InvalidArgumentError } from 'commander';
import { NULL_LABEL } from 'ts-diffusion/diffusion';

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

/** Labels as given on the command line; `all` depends on the model and is resolved by `resolveLabels`. */
export type LabelSelection = 'all' | readonly number[];

/** `all`, `none` (images without a class), or labels and ranges in order: `3,3,7`, `0-9`, `0-3,8`. */
export const labelSelection: ArgumentParser<LabelSelection> = (text) => {
  if (text === 'all') return 'all';
  if (text === 'none') return [NULL_LABEL];
  return text.split(',').flatMap((item) => {
    const [, from, to = from] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(item) ?? [];
    const first = Number(from);
    const last = Number(to);
    if (from === undefined || last < first) {
      throw new InvalidArgumentError('Expected "all", "none", or labels and ranges such as 3,3,7 or 0-9.');
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
};

/** The labels themselves; `all` are the classes that the model has seen. */
export function resolveLabels(selection: LabelSelection, seenClasses: readonly number[]): number[] {
  return [...(selection === 'all' ? seenClasses : selection)];
}
