import { numbers, signature } from '../utils/arguments.js';
const meanArguments = signature('mean', { values: numbers });

/** The mean of at least one value. */
export function mean(values: ArrayLike<number>): number {
  meanArguments({ values });
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** The standard deviation with division by N, as the published programs of Inception score and KID take it. */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - centre) ** 2;
  return Math.sqrt(sum / values.length);
}
