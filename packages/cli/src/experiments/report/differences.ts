import { mean, type Score } from 'ts-diffusion/evaluation';
import { weightsOf } from '../../sweep/cells/cell-tasks.js';
import { type ScoreName, scoreChoice } from '../../sweep/plan/scores.js';
import { sumOfSquares } from '../../statistics/sum-of-squares.js';
import type { SettingResult } from '../../sweep/report/estimates.js';
import { scoreOf, type CellResult } from './results.js';

/** How far the means of a score of two settings are apart. */
export interface Difference {
  readonly value: number;
  /** In standard errors of the difference; infinite where neither has one. */
  readonly standardErrors: number;
  /** Whether both standard errors include the spread over trainings. */
  readonly overTrainings: boolean;
}

/** Standard errors beyond which a difference may be called clear. */
export const CLEAR = 2;

interface Scored {
  readonly result: Pick<SettingResult, 'scores'> | undefined;
}

/** The second value less the first; undefined where one is not known. */
export function differenceOf(first: Scored, second: Scored, name: ScoreName): Difference | undefined {
  const [a, b] = [first.result?.scores[name], second.result?.scores[name]];
  if (a === undefined || b === undefined) return undefined;
  const value = b.value - a.value;
  const error = Math.hypot(a.standardError, b.standardError);
  return {
    value,
    standardErrors: value === 0 ? 0 : value / error,
    overTrainings: a.over === 'trainings' && b.over === 'trainings',
  };
}

/**
 * The mean of the second scores less the first, each of the same weights: the spread over trainings is in both, and falls out. The
 * variance of one difference is the larger of two: that between the trainings, and that of measuring both scores, by bootstrap.
 *
 * @returns undefined where no weights have both scores
 */
export function pairedDifference(
  first: readonly CellResult[],
  second: readonly CellResult[],
  name: ScoreName,
): Pick<Difference, 'value' | 'standardErrors'> | undefined {
  const { metric } = scoreChoice(name);
  const pairs = first.flatMap((a): [Score, Score][] => {
    const [before, after] = [scoreOf(a, metric), scoreOf(second.find((b) => isOfSameWeights(a, b)) ?? null, metric)];
    return before === null || after === null ? [] : [[before, after]];
  });
  if (pairs.length === 0) return undefined;
  const differences = pairs.map(([before, after]) => after.value - before.value);
  const value = mean(differences);
  const measured = mean(
    pairs.map((pair) => pair.reduce((sum, { standardDeviation = 0 }) => sum + standardDeviation ** 2, 0)),
  );
  const between = sumOfSquares(differences) / Math.max(1, pairs.length - 1);
  const error = Math.sqrt(Math.max(between, measured) / pairs.length);
  return { value, standardErrors: value === 0 ? 0 : value / error };
}

const isOfSameWeights = ({ planned: { cell: a } }: CellResult, { planned: { cell: b } }: CellResult): boolean =>
  a !== undefined && b !== undefined && weightsOf(a) === weightsOf(b);
