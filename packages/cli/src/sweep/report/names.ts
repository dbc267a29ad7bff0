import type { Cell } from '../cells/cell.js';
import type { Setting } from '../plan/settings.js';

/** A value of a field as text: `linear`, `0.5`, `64,128`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return '–';
  if (Array.isArray(value)) return value.map(describeValue).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `train.learningRate` as `learningRate`, and with the section where two sections have a field of that name. */
export function fieldTitle(field: string, all: readonly string[]): string {
  const name = (full: string): string => full.slice(full.indexOf('.') + 1);
  return all.filter((each) => name(each) === name(field)).length > 1 ? field : name(field);
}

/** A setting in a line: `schedule cosine, seed 1`. */
export function describeSetting(setting: Setting): string {
  const fields = Object.keys(setting);
  if (fields.length === 0) return 'the base';
  return fields.map((field) => `${fieldTitle(field, fields)} ${describeValue(setting[field])}`).join(', ');
}

/** A training by the fields that the plan varies of it, from the cells that use it. */
export function describeTraining(cells: readonly Cell[]): string {
  const setting = cells[0]?.setting ?? {};
  return describeSetting(Object.fromEntries(Object.entries(setting).filter(([field]) => field.startsWith('train.'))));
}

/** Longer names would leave a figure no room. */
const LONGEST = 56;

/** What settings are called in sentences and figures: by their values, or where these are many, by their numbers in the table. */
export function shortNames(settings: readonly Setting[]): readonly string[] {
  const names = settings.map(describeSetting);
  return names.some((name) => name.length > LONGEST) ? names.map((_, i) => `setting ${i + 1}`) : names;
}
