import type { ScoreName } from '../../sweep/plan/scores.js';
import { formatEstimate } from '../../sweep/report/numbers.js';
import { frechetOf, number } from './results.js';
import type { TableRow } from './table-rows.js';

/** Scores that are shares of 1, shown as per cent. */
const SHARES: readonly ScoreName[] = ['recall', 'labels', 'nearCopies', 'twoSample', 'precision', 'coverage'];

/** A score of a row over its trainings: its mean with one standard error, and for a distance how many times its floor. */
export function rowScore({ done, failed, result }: TableRow, name: ScoreName): string {
  const estimate = result?.scores[name];
  if (estimate === undefined) return '–';
  if (SHARES.includes(name)) {
    const { value, standardError } = estimate;
    return `${formatEstimate({ value: 100 * value, standardError: 100 * standardError })} %`;
  }
  const floor = name === 'frechet' ? frechetOf([...done, ...failed][0] ?? null)?.floor : undefined;
  return formatEstimate(estimate) + (floor ? ` (${number(estimate.value / floor)}×)` : '');
}
