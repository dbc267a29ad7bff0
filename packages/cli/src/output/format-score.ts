import { floorRatio, type Score } from 'ts-diffusion/evaluation';

/** A value with its standard deviation and, where there is one, its multiple of the floor. */
export function formatScore(score: Score): string {
  const { value, standardDeviation, better } = score;
  const digits = (x: number): string => String(Number(x.toPrecision(5)));
  const spread = standardDeviation === undefined ? '' : ` ± ${Number(standardDeviation.toPrecision(2))}`;
  const ratio = better === 'higher' ? undefined : floorRatio(score);
  const multiple = ratio === undefined ? '' : ` (${ratio.toFixed(2)} × floor)`;
  return `${digits(value)}${spread}${multiple}`;
}
