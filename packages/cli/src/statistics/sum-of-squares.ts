import { mean } from 'ts-diffusion/evaluation';

/** Σ (x - x̄)². */
export function sumOfSquares(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
