import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { familyWiseP, type Repetitions } from '../../src/statistics/differences.js';

const repetitions = (values: readonly number[], first = 0): Repetitions =>
  new Map(values.map((value, i) => [String(first + i), value]));

/** p-values of settings whose measurements have no error of their own. */
const pOf = (settings: readonly Repetitions[]) =>
  familyWiseP(
    settings,
    settings.map(() => 0),
  );

// Computed by scipy 1.17.1.
describe('two settings', () => {
  test('with equal seeds are compared by the paired t test', () => {
    // scipy.stats.ttest_rel([1, 2, 4], [3, 5, 6]).pvalue
    expect(pOf([repetitions([1, 2, 4]), repetitions([3, 5, 6])])[0]?.[1]).toBeCloseTo(0.01980394118039314, 12);
  });

  test('with other seeds by the pooled t test and by that of Welch, whichever is the more cautious', () => {
    const [a, b] = [repetitions([1, 2, 4]), repetitions([13, 15, 16], 10)];
    // scipy.stats.ttest_ind([1, 2, 4], [13, 15, 16]).pvalue; as many and equal variances, so that Welch's has as many degrees of freedom
    expect(pOf([a, b])[0]?.[1]).toBeCloseTo(0.0005868905519463847, 12);
  });
});

test('of three settings the p-values are those of Holm with the residual of the block design', () => {
  const settings = [
    [1, 2, 4, 3],
    [3.1, 5, 6, 5],
    [9, 8.5, 12, 10],
  ].map((values) => repetitions(values));
  const p = pOf(settings);
  (
    [
      [0, 1, 0.005150446268987558],
      [0, 2, 0.000574487929400682],
      [1, 2, 0.0061599680802151245],
    ] as const
  ).forEach(([i, j, expected]) => {
    expect(p[i]?.[j]).toBeCloseTo(expected, 10);
  });
});

test('no difference within the error of measuring is called clear', () => {
  const settings = [repetitions([1, 1.001]), repetitions([2, 2.001])];
  expect(familyWiseP(settings, [0, 0])[0]?.[1]).toBeLessThan(1e-9);
  expect(familyWiseP(settings, [0.25, 0.25])[0]?.[1]).toBeGreaterThan(0.2);
});

describe('simulated sweeps', () => {
  /** Shares of sweeps in which any pair of equal settings, or the leader and another one, are told apart at 5 %. */
  function simulate(k: number, n: number, sweeps: number, { lead = 0, ofFirst = 1, shared = true } = {}) {
    const stream = new RandomStream(17, k, n);
    const noise = new Float32Array(k * n);
    let [wrong, found] = [0, 0];
    for (let sweep = 0; sweep < sweeps; sweep++) {
      stream.fillNormal(noise);
      const settings = Array.from({ length: k }, (_, i) =>
        repetitions(
          Array.from({ length: n }, (_unused, s) => {
            const spread = i === 0 ? ofFirst : 1;
            return spread * (noise[i * n + s] as number) - (i === 0 ? lead : 0);
          }),
          shared ? 0 : i * n,
        ),
      );
      const p = pOf(settings);
      const isWrong = p.some((row, i) => row.some((value, j) => j > i && value < 0.05 && (lead === 0 || i > 0)));
      wrong += Number(isWrong);
      found += (p[0] ?? []).slice(1).filter((value) => value < 0.05).length / (k - 1);
    }
    return { wrong: wrong / sweeps, found: found / sweeps };
  }

  /** 5 % and three standard errors of as many sweeps. */
  const allowed = (sweeps: number): number => 0.05 + 3 * Math.sqrt((0.05 * 0.95) / sweeps);

  test.each([
    [2, 2, 4000],
    [2, 5, 4000],
    [6, 2, 2000],
    [6, 3, 2000],
    [20, 3, 400],
  ])(
    '%d equal settings of %d seeds: two are called different in at most one sweep of twenty, of %d',
    (k, n, sweeps) => {
      for (const shared of [true, false]) {
        expect(simulate(k, n, sweeps, { shared }).wrong).toBeLessThan(allowed(sweeps));
        expect(simulate(k, n, sweeps, { shared, ofFirst: 10 }).wrong, 'one varies ten times as much').toBeLessThan(
          allowed(sweeps),
        );
      }
    },
  );

  test('the leader is found where it leads by more, and with more seeds', () => {
    const power = (n: number, lead: number): number => simulate(6, n, 500, { lead }).found;
    expect(power(3, 10)).toBeGreaterThan(0.7);
    expect(power(5, 5)).toBeGreaterThan(0.85);
    expect(power(3, 5)).toBeGreaterThan(power(3, 2));
    expect(power(5, 5)).toBeGreaterThan(power(3, 5));
    expect(simulate(6, 3, 2000, { lead: 5 }).wrong).toBeLessThan(allowed(2000));
  });
});
