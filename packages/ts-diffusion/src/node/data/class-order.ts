import { DataError } from '../../utils/errors.js';

/** Labels are bytes. */
export const MOST_CLASSES = 256;

/** Classes in the order of their names: numbers by their value (1 and 01 by their code units), other names by their code units. */
export function inClassOrder<T extends { readonly name: string }>(classes: readonly T[]): T[] {
  const areNumbers = classes.every(({ name }) => /^\d{1,9}$/.test(name));
  const byName = (a: T, b: T): number => (a.name < b.name ? -1 : 1);
  return [...classes].sort((a, b) => (areNumbers && Number(a.name) - Number(b.name)) || byName(a, b));
}

/**
 * @param what has them: `X has 300 subfolders of pictures`
 * @throws DataError for more classes than labels can tell apart
 */
export function checkClassCount(classes: number, what: string): void {
  if (classes > MOST_CLASSES) throw new DataError(`${what}; at most ${MOST_CLASSES} classes are possible`);
}
