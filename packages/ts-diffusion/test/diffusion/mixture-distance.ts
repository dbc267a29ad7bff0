import { logUpperTail } from '../../src/evaluation/normal-tail.js';
import type { Mixture } from './mixture.js';

/** The distribution function of a mixture. */
function cumulative(mixture: Mixture, x: number): number {
  return mixture.reduce(
    (sum, { weight, mean, deviation }) => sum + weight * Math.exp(logUpperTail((mean - x) / deviation)),
    0,
  );
}

/** Far beyond any value of the mixtures of the tests. */
const FAR = 8;

/** Where the distribution function is p, by bisection. */
function quantile(mixture: Mixture, p: number): number {
  let [low, high] = [-FAR, FAR];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (cumulative(mixture, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** A function of a mixture and a number that computes each of its values once. */
function once<Value>(compute: (mixture: Mixture, n: number) => Value): (mixture: Mixture, n: number) => Value {
  const known = new Map<string, Value>();
  return (mixture, n) => {
    const key = JSON.stringify([mixture, n]);
    const value = known.get(key) ?? compute(mixture, n);
    known.set(key, value);
    return value;
  };
}

/** The quantiles of (i + 1/2) / n. */
const quantiles = once((mixture, n) => Float64Array.from({ length: n }, (_, i) => quantile(mixture, (i + 0.5) / n)));

/** The Wasserstein-1 distance of values from a mixture: the mean distance between quantiles. */
export function distanceToMixture(values: Float32Array, mixture: Mixture): number {
  const exact = quantiles(mixture, values.length);
  return values
    .slice()
    .sort()
    .reduce((sum, value, i) => sum + Math.abs(value - (exact[i] ?? NaN)) / values.length, 0);
}

/** The expected distance of n independent draws is at most ∫ √(F (1 - F)) dx / √n (Bobkov & Ledoux 2019, Theorem 3.2). */
export const statisticalError = once((mixture, n) => {
  const step = 0.01;
  let integral = 0;
  for (let x = -FAR; x < FAR; x += step) {
    const p = cumulative(mixture, x);
    integral += Math.sqrt(Math.max(0, p * (1 - p))) * step;
  }
  return integral / Math.sqrt(n);
});

/** E[X]. */
export const meanOf = (mixture: Mixture): number => mixture.reduce((sum, { weight, mean }) => sum + weight * mean, 0);

/** The distance of images of one value from the mixture: E|X - value|. */
export function constantDistance(mixture: Mixture, value: number): number {
  const exact = quantiles(mixture, 1000);
  return exact.reduce((sum, each) => sum + Math.abs(each - value) / exact.length, 0);
}
