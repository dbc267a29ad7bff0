import { mean, type Receipt } from 'ts-diffusion/evaluation';
import type { Cell } from '../cells/cell.js';
import { weightsOf } from '../cells/cell-tasks.js';
import { familyWiseP, type Repetitions } from '../../statistics/differences.js';
import { sumOfSquares } from '../../statistics/sum-of-squares.js';
import { twoSidedQuantile } from '../../statistics/student-t.js';
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
  /** Half the width of its 95 % interval: standard errors times Student's quantile, of the degrees of freedom within all settings. */
  readonly interval: number;
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

/** Probability at most that of equal settings any two are called different, by one score. */
export const FALSE_ALARMS = 0.05;
/** Standard errors of half a 95 % interval where the error is known, as that of measuring. */
const NORMAL_QUANTILE = 1.96;

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
 * Whether `a` is clearly better than `b`: by `familyWiseP` of all settings that can be compared, and only where the seeds were varied
 * that the difference could come from. Between other trainings these are the seeds of trainings.
 *
 * @param results all settings, over which comparisons are counted
 */
export function comparer(
  results: readonly SettingResult[],
  name: ScoreName,
): (a: SettingResult, b: SettingResult) => Comparison {
  const families = (['trainings', 'samples'] as const).map((over) => {
    const members = results.filter(({ scores }) => scores[name]?.over === over);
    const repeats = members.map(({ done }) => repeatsOf(done, name));
    const p = familyWiseP(
      repeats.map(({ values }) => values),
      repeats.map(({ measured, values }) => measured / values.size),
    );
    return { over, members, p };
  });
  const sign = scoreChoice(name).better === 'lower' ? 1 : -1;
  return (a, b) => {
    const [first, second] = [a.scores[name], b.scores[name]];
    const family = families.find(({ members }) => members.includes(a) && members.includes(b));
    if (first === undefined || second === undefined || family === undefined) return 'unknown';
    if (family.over === 'samples' && trainingsBehind(a) !== trainingsBehind(b)) return 'unknown';
    const p = family.p[family.members.indexOf(a)]?.[family.members.indexOf(b)] ?? 1;
    return sign * (second.value - first.value) > 0 && p < FALSE_ALARMS ? 'clearly better' : 'not clearly better';
  };
}

const trainingsBehind = ({ done }: SettingResult): string =>
  [...new Set(done.map(({ cell }) => weightsOf(cell)))].sort().join();

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
  /** By the seeds that they are of. */
  readonly values: Repetitions;
  /** Variance of one of them by measurement alone. */
  readonly measured: number;
  readonly over: Estimate['over'];
}

function repeatsOf(done: readonly ScoredCell[], name: ScoreName): Repeats {
  const { metric } = scoreChoice(name);
  const scored = done.flatMap(({ cell, receipt }) => {
    const score = receipt.scores.find((each) => each.metric === metric);
    return score === undefined ? [] : [{ training: weightsOf(cell), seeds: seedsOf(cell.setting), score }];
  });
  const measured = scored.length === 0 ? 0 : mean(scored.map(({ score }) => (score.standardDeviation ?? 0) ** 2));
  const trainings = [...new Set(scored.map(({ training }) => training))];
  if (trainings.length < 2) {
    const values = new Map(scored.map(({ seeds, score }) => [seeds, score.value]));
    return { values, measured, over: values.size < 2 ? 'nothing' : 'samples' };
  }
  // Images of one training have its luck in common: together they are one repetition.
  const values = new Map(
    trainings.map((key) => {
      const own = scored.filter(({ training }) => training === key);
      const seeds = own.map((each) => each.seeds).sort();
      return [seeds.join('; '), mean(own.map(({ score }) => score.value))] as const;
    }),
  );
  return { values, measured: (measured * trainings.length) / scored.length, over: 'trainings' };
}

/** What tells the repetitions of a setting apart. */
const seedsOf = (setting: Setting): string =>
  Object.entries(setting)
    .filter(([field]) => isSeedAxis({ field }))
    .map(([field, value]) => `${field} ${String(value)}`)
    .sort()
    .join(', ');

function estimatesOf(settings: readonly Repeats[]): readonly (Estimate | undefined)[] {
  return settings.map(({ values: bySeeds, measured, over }) => {
    const values = [...bySeeds.values()];
    const n = values.length;
    if (n === 0) return undefined;
    const value = mean(values);
    if (n === 1) {
      const standardError = Math.sqrt(measured);
      return { value, standardError, interval: NORMAL_QUANTILE * standardError, repeats: 1, over };
    }
    const alike = settings.filter((each) => each.over === over && each.values.size > 1);
    const freedom = alike.reduce((sum, each) => sum + each.values.size - 1, 0);
    const pooled = alike.reduce((sum, each) => sum + sumOfSquares([...each.values.values()]), 0) / freedom;
    const variance = Math.max(sumOfSquares(values) / (n - 1), pooled, measured);
    const standardError = Math.sqrt(variance / n);
    return { value, standardError, interval: twoSidedQuantile(0.05, freedom) * standardError, repeats: n, over };
  });
}
