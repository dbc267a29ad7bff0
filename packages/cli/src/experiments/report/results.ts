import { FID_METRIC, FRECHET_METRIC, INCEPTION_METRIC, type Receipt, type Score } from 'ts-diffusion/evaluation';
import type { ScoreName } from '../../sweep/plan/scores.js';
import { formatEstimate } from '../../sweep/report/numbers.js';
import { cellOfSetting, type PlannedCell } from '../planned-cells.js';
import type { ProtocolName, Setting } from '../study.js';
import type { ReportSource } from './report-source.js';
import type { TableRow } from './table-rows.js';

/** What a finished cell came to. */
export interface CellResult {
  readonly planned: PlannedCell;
  readonly receipt: Receipt;
}

/** The key of the cell of a result. */
export const keyOfResult = ({ planned }: CellResult): string => planned.cell?.key ?? '';

/** The result of a cell, or null where it is not planned, or not done. */
export function resultOf({ folder }: ReportSource, planned: PlannedCell | undefined): CellResult | null {
  const receipt = planned?.cell && folder.receipt(planned.cell);
  return receipt ? { planned, receipt } : null;
}

/** The result of a setting under a protocol; null where it is not part of the study, or not done. */
export const protocolResult = (source: ReportSource, protocol: ProtocolName, setting: Setting): CellResult | null =>
  resultOf(source, cellOfSetting(source.planned, protocol, setting));

export function scoreOf(result: CellResult | null, metric: string): Score | null {
  return result?.receipt.scores.find((score) => score.metric === metric) ?? null;
}

export const frechetOf = (result: CellResult | null): Score | null => scoreOf(result, FRECHET_METRIC);
export const inceptionOf = (result: CellResult | null): Score | null => scoreOf(result, INCEPTION_METRIC);

/** FID proper, where it was taken with the Inception weights. */
export const fidOf = (result: CellResult | null): Score | null => scoreOf(result, FID_METRIC);

/** A number of a table: three significant digits, more where larger. */
export function number(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** `12.3 ± 0.4`, and for a distance how many times its floor. */
export function formatted(score: Score | null): string {
  if (!score) return '–';
  const spread = score.standardDeviation === undefined ? '' : ` ± ${Number(score.standardDeviation.toPrecision(2))}`;
  const multiple = score.metric === FRECHET_METRIC && score.floor ? ` (${number(score.value / score.floor)}×)` : '';
  return number(score.value) + spread + multiple;
}

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
