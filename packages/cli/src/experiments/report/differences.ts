import type { ScoreName } from '../../sweep/plan/scores.js';
import type { SettingResult } from '../../sweep/report/estimates.js';

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
