import { expect, test } from 'vitest';
import { twoSidedP, twoSidedQuantile } from '../../src/statistics/student-t.js';

// scipy 1.17.1: 2 * scipy.stats.t.sf(t, df)
test.each([
  [4.3, 2, 0.05005715411709159],
  [3.83, 10, 0.003318860341490308],
  [6, 3, 0.009272714892284666],
  [40, 5, 1.8411962171772954e-7],
  [0, 4, 1],
])('P(|t| >= %d) with %d degrees of freedom', (t, freedom, expected) => {
  expect(twoSidedP(t, freedom)).toBeCloseTo(expected, 12);
  expect(twoSidedP(-t, freedom)).toBe(twoSidedP(t, freedom));
});

// scipy 1.17.1: scipy.stats.t.ppf(1 - p / 2, df)
test.each([
  [0.2, 1, 3.0776835371752544],
  [0.05, 1, 12.706204736174694],
  [0.05, 2, 4.302652729749462],
  [0.05 / 15, 2, 17.27717670004373],
  [0.01, 3, 5.840909309733355],
  [0.05 / 15, 10, 3.8273374747313413],
  [0.05, 38, 2.0243941639119694],
  [0.01, 200, 2.600634436191558],
])('the quantile of %d with %d degrees of freedom', (p, freedom, expected) => {
  expect(twoSidedQuantile(p, freedom)).toBeCloseTo(expected, 9);
});
