import { finite, options, signature } from '../utils/arguments.js';
import type { Score } from './receipt.js';

/** Of a value: a floor below that is rounding, of real images that are the reference, and measures nothing. */
const LEAST_FLOOR = 1e-6;

const floorRatioArguments = signature('floorRatio', { score: options({ value: finite, floor: finite.optional() }) });

/** The ratio of a score to its floor; undefined where there is no floor, or one that measures nothing. */
export function floorRatio(score: Pick<Score, 'value' | 'floor'>): number | undefined {
  floorRatioArguments({ score });
  const { value, floor = 0 } = score;
  return floor > LEAST_FLOOR * Math.abs(value) ? value / floor : undefined;
}
