import { describe, expect, test } from 'vitest';
import { contents, frechet } from '../../../ts-diffusion/test/evaluation/receipt-contents.js';
import { decodeReceipt, encodeReceipt } from '../../../ts-diffusion/src/evaluation/receipt.js';
import { FRECHET_METRIC } from '../../../ts-diffusion/src/evaluation/scores/frechet.js';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import { tinyUNet } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import type { Cell } from '../../src/sweep/cells/cell.js';
import { evaluateSchema } from '../../src/sweep/plan/fields.js';
import {
  comparer,
  ranked,
  type ScoredCell,
  type SettingResult,
  settingResults,
} from '../../src/sweep/report/estimates.js';

/** A done cell: what it varies, its distance with its error, and which training it draws from. */
function scored(setting: Cell['setting'], value: number, error: number, training?: string): ScoredCell {
  const score = { ...frechet(value), metric: FRECHET_METRIC, standardDeviation: error };
  const model: Cell['model'] =
    training === undefined
      ? { kind: 'model', model: 'modern', network: tinyUNet }
      : { kind: 'training', training: { key: training, config: resolveTrainConfig('paper'), network: tinyUNet } };
  const cell: Cell = {
    ...{ key: JSON.stringify(setting), setting, model, sampling: {}, weights: 'ema' },
    evaluation: evaluateSchema.parse({}),
    evaluationsPerImage: 1,
  };
  return { cell, receipt: decodeReceipt(encodeReceipt(contents(score)), 'receipt.json') };
}

/** The comparison of the first of two settings with the second. */
const compared = ([a, b]: readonly SettingResult[]) =>
  comparer([a, b] as SettingResult[], 'frechet')(a as SettingResult, b as SettingResult);

const resultsOf = (done: readonly ScoredCell[]): readonly SettingResult[] =>
  settingResults(
    done.map(({ cell }) => cell),
    done,
    ['frechet'],
  );

/** Distances of two settings, each for trainings of its own. */
const trained = (a: readonly number[], b: readonly number[], error = 0.01): readonly SettingResult[] =>
  resultsOf(
    [a, b].flatMap((values, i) =>
      values.map((value, seed) => scored({ 'train.schedule': i, 'train.seed': seed }, value, error, `${i} ${seed}`)),
    ),
  );

describe('the standard error', () => {
  test('over seeds is the root of variance over their number', () => {
    const [first] = trained([1, 2, 3], [1, 2, 3]);
    // The sample variance of 1, 2, 3 is 1.
    expect(first?.scores.frechet).toEqual({
      ...{ value: 2, repeats: 3, over: 'trainings' },
      standardError: expect.closeTo(Math.sqrt(1 / 3), 12) as number,
      // scipy 1.17.1: scipy.stats.t.ppf(0.975, 4), of two degrees of freedom in each setting.
      interval: expect.closeTo(2.7764451051977987 * Math.sqrt(1 / 3), 9) as number,
    });
  });

  test('is not small because few seeds agree by chance: the pooled variance counts too', () => {
    const [first, second] = trained([2, 2], [4, 6]);
    // Squares 0 and 2 with one degree of freedom each: 1; the second setting's own variance is 2.
    expect(first?.scores.frechet?.standardError).toBeCloseTo(Math.sqrt(1 / 2), 12);
    expect(second?.scores.frechet?.standardError).toBeCloseTo(Math.sqrt(2 / 2), 12);
  });

  test('is at least that of measuring', () => {
    const [first] = trained([2, 2], [3, 3], 0.4);
    expect(first?.scores.frechet?.standardError).toBeCloseTo(0.4 / Math.sqrt(2), 12);
  });

  test('of one seed is that of measuring', () => {
    const [first] = trained([2], [3], 0.4);
    expect(first?.scores.frechet).toEqual({
      ...{ value: 2, standardError: 0.4, repeats: 1, over: 'nothing' },
      interval: expect.closeTo(0.784, 12) as number,
    });
  });

  test('takes sets of images of one training for one repetition', () => {
    const done = [0, 1].flatMap((seed) =>
      [0, 10].map((more, sample) =>
        scored({ 'train.seed': seed, 'sample.seed': sample }, seed + more, 0, `training ${seed}`),
      ),
    );
    const [only] = resultsOf(done);
    // Means of trainings: 5 and 6. Four values taken as independent would have a variance of 33.7.
    expect(only?.scores.frechet).toEqual({
      ...{ value: 5.5, repeats: 2, over: 'trainings' },
      standardError: expect.closeTo(Math.sqrt(0.5 / 2), 12) as number,
      // scipy 1.17.1: scipy.stats.t.ppf(0.975, 1)
      interval: expect.closeTo(12.706204736174694 * Math.sqrt(0.5 / 2), 9) as number,
    });
  });
});

describe('clearly better', () => {
  test('is what the paired t test says of trainings with the same seeds', () => {
    // Differences d - 0.1, d + 0.1 with a standard error of 0.1: t = 10 d, of which 12.706 is significant with one degree of freedom.
    const apart = (difference: number) => {
      const [a, b] = trained([1, 2], [1 + difference - 0.1, 2 + difference + 0.1], 0);
      return [compared([a, b] as SettingResult[]), compared([b, a] as SettingResult[])];
    };
    expect(apart(1.26)).toEqual(['not clearly better', 'not clearly better']);
    expect(apart(1.28)).toEqual(['clearly better', 'not clearly better']);
  });

  test('is never said of one seed', () => {
    expect(compared(trained([1], [100]))).toBe('unknown');
  });

  test('is not said of other trainings by seeds of sampling', () => {
    const of = (weight: number, value: number, training: string): ScoredCell[] =>
      [0, 1].map((seed) => scored({ weight, 'sample.seed': seed }, value + seed / 10, 0, training));
    const ofSecond = (training: string) => compared(resultsOf([...of(0, 1, 'same'), ...of(1, 50, training)]));
    expect(ofSecond('same')).toBe('clearly better');
    expect(ofSecond('other')).toBe('unknown');
  });

  test('is not said while of the trainings that settings share another one is done of each', () => {
    const of = (weight: number, value: number): ScoredCell[] =>
      ['x', 'y'].flatMap((training, seed) =>
        [0, 1].map((sample) =>
          scored({ weight, 'train.seed': seed, 'sample.seed': sample }, value + sample / 10, 0, training),
        ),
      );
    const all = [...of(0, 1), ...of(1, 50)];
    // Of the first setting training x, of the second y.
    const done = [...all.slice(0, 2), ...all.slice(6)];
    const results = settingResults(
      all.map(({ cell }) => cell),
      done,
      ['frechet'],
    );
    expect(compared(results)).toBe('unknown');
  });
});

test('cells of one setting are together whatever the order of its fields', () => {
  const results = resultsOf([
    scored({ a: 1, 'train.seed': 0, b: 2 }, 1, 0, 'x'),
    scored({ b: 2, a: 1, 'train.seed': 1 }, 3, 0, 'y'),
  ]);
  expect(results.map(({ scores }) => scores.frechet?.value)).toEqual([2]);
});

test('settings without a score are ranked last', () => {
  const cells = [scored({ a: 1 }, 3, 0), scored({ a: 2 }, 1, 0), scored({ a: 3 }, 2, 0)];
  const results = settingResults(
    cells.map(({ cell }) => cell),
    cells.slice(0, 2),
    ['frechet'],
  );
  expect(ranked(results, 'frechet').map(({ setting }) => setting['a'])).toEqual([2, 1, 3]);
});
