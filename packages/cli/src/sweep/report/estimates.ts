import { mean, type Receipt } from 'ts-diffusion/evaluation';
import type { Cell } from '../cells/cell.js';
import { trainingOf } from '../cells/cell-tasks.js';
import { isSeedAxis } from '../plan/axis.js';
import { type ScoreName, scoreChoice } from '../plan/scores.js';
import type { Setting } from '../plan/settings.js';

/** A cell that is done. */
export interface ScoredCell {
  readonly cell: Cell;
  readonly receipt: Receipt;
}

/** A score of a setting, over its seeds. */
export interface Estimate {
  readonly value: number;
  /**
   * Standard error of the value: √(variance / n), the variance of one seed being the largest of three: between the seeds of this
   * setting; between the seeds of all settings, pooled, since few seeds may agree by chance; and that of a single measurement, by
   * bootstrap. With one seed it is the last alone.
   */
  readonly standardError: number;
  /** n: what was repeated. */
  readonly repeats: number;
  /** Trainings with several seeds, sets of images of one training, or nothing. */
  readonly over: 'trainings' | 'samples' | 'nothing';
}

/** The cells of a plan that differ in seeds only, and what they come to. */
export interface SettingResult {
  /** Without seeds. */
  readonly setting: Setting;
  readonly cells: readonly Cell[];
  readonly done: readonly ScoredCell[];
  readonly scores: Readonly<Partial<Record<ScoreName, Estimate>>>;
}

/** Two values that many standard errors apart are called different. */
export const CLEARLY_APART = 2;

/** Settings in the order of the plan, with what is known of their scores. */
export function settingResults(
  cells: readonly Cell[],
  done: readonly ScoredCell[],
  names: readonly ScoreName[],
): readonly SettingResult[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = settingKey(cell.setting);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const settings = [...groups.values()].map((group) => ({
    setting: withoutSeeds((group[0] as Cell).setting),
    cells: group,
    done: done.filter(({ cell }) => group.includes(cell)),
  }));
  const estimates = names.map(
    (name) => [name, estimatesOf(settings.map((each) => repeatsOf(each.done, name)))] as const,
  );
  return settings.map((each, i) => ({
    ...each,
    scores: Object.fromEntries(
      estimates.flatMap(([name, ofName]) => (ofName[i] === undefined ? [] : [[name, ofName[i]]])),
    ),
  }));
}

/** How the values of a score differ, of two settings. */
export type Comparison = 'clearly better' | 'not clearly better' | 'unknown';

/**
 * Whether `a` is clearly better than `b`: by more than two standard errors of the difference, and only where the seeds were varied
 * that the difference could come from. Between other trainings these are the seeds of trainings.
 */
export function compare(a: SettingResult, b: SettingResult, name: ScoreName): Comparison {
  const [first, second] = [a.scores[name], b.scores[name]];
  if (first === undefined || second === undefined) return 'unknown';
  const trainings = ({ done }: SettingResult): string =>
    [...new Set(done.map(({ cell }) => trainingOf(cell)?.key ?? ''))].sort().join();
  const sameTrainings = trainings(a) === trainings(b);
  const isKnown = ({ over }: Estimate): boolean => over === 'trainings' || (sameTrainings && over === 'samples');
  if (!isKnown(first) || !isKnown(second)) return 'unknown';
  const sign = scoreChoice(name).better === 'lower' ? 1 : -1;
  const lead = sign * (second.value - first.value);
  return lead > CLEARLY_APART * Math.hypot(first.standardError, second.standardError)
    ? 'clearly better'
    : 'not clearly better';
}

/** Best first; those without the score last. */
export function ranked(results: readonly SettingResult[], name: ScoreName): readonly SettingResult[] {
  const sign = scoreChoice(name).better === 'lower' ? 1 : -1;
  const worth = ({ scores }: SettingResult): number => sign * (scores[name]?.value ?? sign * Infinity);
  return [...results].sort((a, b) => worth(a) - worth(b) || 0);
}

const withoutSeeds = (setting: Setting): Setting =>
  Object.fromEntries(Object.entries(setting).filter(([field]) => !isSeedAxis({ field })));

/** The same for equal settings, whatever the order in which a grid names their fields. */
const settingKey = (setting: Setting): string =>
  JSON.stringify(Object.entries(withoutSeeds(setting)).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The values of a score that stand for independent repetitions. */
interface Repeats {
  readonly values: readonly number[];
  /** Variance of one of them by measurement alone. */
  readonly measured: number;
  readonly over: Estimate['over'];
}

function repeatsOf(done: readonly ScoredCell[], name: ScoreName): Repeats {
  const { metric } = scoreChoice(name);
  const scored = done.flatMap(({ cell, receipt }) => {
    const score = receipt.scores.find((each) => each.metric === metric);
    return score === undefined ? [] : [{ training: trainingOf(cell)?.key ?? '', score }];
  });
  const measured = scored.length === 0 ? 0 : mean(scored.map(({ score }) => (score.standardDeviation ?? 0) ** 2));
  const trainings = [...new Set(scored.map(({ training }) => training))];
  if (trainings.length < 2) {
    const values = scored.map(({ score }) => score.value);
    return { values, measured, over: values.length < 2 ? 'nothing' : 'samples' };
  }
  // Images of one training have its luck in common: together they are one repetition.
  const values = trainings.map((key) =>
    mean(scored.flatMap(({ training, score }) => (training === key ? [score.value] : []))),
  );
  return { values, measured: (measured * trainings.length) / scored.length, over: 'trainings' };
}

function estimatesOf(settings: readonly Repeats[]): readonly (Estimate | undefined)[] {
  return settings.map(({ values, measured, over }) => {
    const n = values.length;
    if (n === 0) return undefined;
    const value = mean(values);
    if (n === 1) return { value, standardError: Math.sqrt(measured), repeats: 1, over };
    const alike = settings.filter((each) => each.over === over && each.values.length > 1);
    const freedom = alike.reduce((sum, each) => sum + each.values.length - 1, 0);
    const pooled = alike.reduce((sum, each) => sum + squares(each.values), 0) / freedom;
    const variance = Math.max(squares(values) / (n - 1), pooled, measured);
    return { value, standardError: Math.sqrt(variance / n), repeats: n, over };
  });
}

/** Σ (x - x̄)². */
function squares(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
