import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileEvaluationCache } from '../../src/node/evaluation/evaluation-cache.js';
import { ImageScorer, type EvaluationOptions } from '../../src/evaluation/evaluate.js';
import { FeatureStatistics } from '../../src/evaluation/feature-statistics.js';
import { createFeatures, type Features } from '../../src/evaluation/features.js';
import { bootstrapFrechetDistance } from '../../src/evaluation/frechet-distance.js';
import { inceptionScore } from '../../src/evaluation/inception-score.js';
import { mean, standardDeviation } from '../../src/evaluation/moments.js';
import type { Score } from '../../src/evaluation/receipt.js';
import { selectImages, spreadSubset, type ScoredImages } from '../../src/evaluation/scored-images.js';
import { defaultSplits } from '../../src/evaluation/scores/inception.js';
import { loadEvaluationNetworks } from '../../src/evaluation/shipped-networks.js';
import { wrongEvaluatorRange } from '../../../cli/src/experiments/quirks.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { digitSets } from './untrained-networks.js';

/** Sets of images whose scores are known beforehand, or come from the definition, seen by the shipped networks. */
const networks = await loadEvaluationNetworks(await createNodeRuntime({ threads: 1 }));
const options: EvaluationOptions = { neighbours: 3, bootstrap: 40, nearCopies: 200, seed: 0 };
const FRECHET = 'Frechet distance (CNN features)';
const withFloorsOfReal = [FRECHET, 'Precision', 'Recall', 'Density', 'Coverage'];

let folder: string;
let reference: ScoredImages;
let training: ScoredImages;
let others: ScoredImages;
/** Each digit of `others` mixed with another one. */
let spoiled: ScoredImages;
let scores: Record<'others' | 'spoiled' | 'reference', Map<string, Score>>;

const newScorer = (against: ScoredImages, cache: string) =>
  new ImageScorer(networks, against, training, new FileEvaluationCache(join(folder, cache)));

async function scoresOf(scorer: ImageScorer, set: ScoredImages, changes: Partial<EvaluationOptions> = {}) {
  const evaluation = await scorer.score(set, { ...options, ...changes });
  return new Map(evaluation.scores.map((score) => [score.metric, score]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scores-'));
  [reference, training, others] = (await digitSets(200, 300, 150)) as [ScoredImages, ScoredImages, ScoredImages];
  const shift = 17 * 784;
  const images = others.images.map((byte, i) => (byte + (others.images.at(i - shift) as number)) / 2);
  spoiled = { ...others, images };
  const scorer = newScorer(reference, 'cache');
  scores = {
    spoiled: await scoresOf(scorer, spoiled),
    others: await scoresOf(scorer, others),
    reference: await scoresOf(scorer, reference),
  };
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([networks.evaluator.dispose(), networks.features.dispose()]);
});

const valueOf = (set: keyof typeof scores, metric: string): number => scores[set].get(metric)?.value ?? NaN;

describe('the scores of images', () => {
  test('name the direction in which worse images are worse', () => {
    for (const [metric, { better, value }] of scores.others) {
      if (metric === 'Near-copies of training images') continue;
      const worse = better === 'lower' ? valueOf('spoiled', metric) - value : value - valueOf('spoiled', metric);
      expect(worse, metric).toBeGreaterThan(0);
    }
  });

  test('of the reference itself are the best that there are', () => {
    expect(valueOf('reference', FRECHET)).toBeLessThan(1e-6);
    for (const metric of ['Precision', 'Recall', 'Coverage']) expect(valueOf('reference', metric)).toBe(1);
    for (const metric of ['Inception score', 'Label accuracy']) {
      const { value, floor } = scores.reference.get(metric) as Score;
      expect(value, metric).toBe(floor);
    }
  });

  test('tell images that are no digits from digits that are always the same', async () => {
    const five = selectImages(
      others,
      range(0, 150).map((i) => 30 * (i % 5)),
      'five digits, again and again',
    );
    const same = await scoresOf(newScorer(reference, 'cache'), five, { nearCopies: 0 });
    for (const metric of ['Precision', 'Density']) expect(same.get(metric)?.value, metric).toBeGreaterThan(0.5);
    for (const metric of ['Recall', 'Coverage']) expect(same.get(metric)?.value, metric).toBeLessThan(0.1);
  });

  test('stand beside the floor of real images, whatever the samples', async () => {
    const real = await scoresOf(newScorer(reference, 'cache'), spreadSubset(training, others.count));
    for (const metric of withFloorsOfReal) {
      expect(scores.spoiled.get(metric)?.floor, metric).toBeCloseTo(real.get(metric)?.value ?? NaN, 12);
    }
    for (const [metric, { floor }] of scores.others) expect(floor, metric).toBe(scores.spoiled.get(metric)?.floor);
  });

  test('against another reference have another floor, from the same cache too', async () => {
    const against = await scoresOf(newScorer(selectImages(reference, range(0, 150), 'fewer'), 'cache'), others);
    for (const metric of withFloorsOfReal) {
      expect(against.get(metric)?.floor, metric).not.toBe(scores.others.get(metric)?.floor);
    }
  });

  test('tell how many images they are of, and of how many the reference', () => {
    const { samples, reference: against } = scores.others.get(FRECHET)?.conditions as Score['conditions'];
    expect([samples, against?.count]).toEqual([150, 200]);
  });

  test('warn of a floor of fewer real images', async () => {
    const few = new ImageScorer(networks, reference, spreadSubset(training, 140), new FileEvaluationCache(folder));
    expect((await few.score(others, options)).warnings).toContain(
      'The floor of the Frechet distance is of 140 real images, the distance of 150.',
    );
  });

  test('count as near-copies what is nearer than 1 % of held-out digits are', () => {
    // Two of the 200 held-out digits are nearer than the third nearest.
    expect(valueOf('reference', 'Near-copies of training images')).toBe(0.01);
  });
});

describe('error bars', () => {
  test('of the distance are those of the bootstrap over the same features', async () => {
    const [ofSamples, ofReference] = await Promise.all(
      [others, reference].map(async (set) => createFeatures((await networks.features.classify(set)).features, 128)),
    );
    const expected = bootstrapFrechetDistance(ofSamples as Features, FeatureStatistics.of(ofReference as Features), {
      resamples: 40,
      seed: 0,
    });
    const { value, standardDeviation, conditions } = scores.others.get(FRECHET) as Score;
    expect(value).toBeCloseTo(expected.distance, 10);
    expect(standardDeviation).toBeCloseTo(expected.standardError, 10);
    expect(conditions.settings).toEqual({ bootstrap: 40 });
  });

  test('of a label accuracy are those of a share', () => {
    const { value, standardDeviation } = scores.spoiled.get('Label accuracy') as Score;
    expect(standardDeviation).toBeCloseTo(Math.sqrt((value * (1 - value)) / 150), 12);
  });

  test('of an Inception score of one split are those of a mean divergence', async () => {
    const { probabilities } = await networks.evaluator.classify(spoiled);
    const rows = range(0, 150).map((i) => probabilities.subarray(10 * i, 10 * i + 10));
    const marginal = range(0, 10).map((k) => mean(rows.map((row) => row[k] as number)));
    const divergences = rows.map((row) => {
      return row.reduce((sum, p, k) => (p > 0 ? sum + p * Math.log(p / (marginal[k] as number)) : sum), 0);
    });
    // The delta method: the marginal moves a mean divergence in second order only.
    const expected = Math.exp(mean(divergences)) * (standardDeviation(divergences) / Math.sqrt(150));
    const ratio = (scores.spoiled.get('Inception score')?.standardDeviation ?? NaN) / expected;
    // A hundred resamples give a deviation to 7 %.
    expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
  });
});

describe('the Inception score', () => {
  test('has ten parts from 5000 images on', () => {
    expect([4999, 5000].map(defaultSplits)).toEqual([1, 10]);
  });

  test('has parts of all classes, whatever the order of the images', async () => {
    const [parts, size] = [5, 30];
    const { probabilities } = await networks.evaluator.classify(others);
    const classOf = (i: number): number => {
      const row = probabilities.subarray(10 * i, 10 * i + 10);
      return row.indexOf(Math.max(...row));
    };
    const byClass = range(0, 150).sort((a, b) => classOf(a) - classOf(b));
    const everyNth = range(0, 150).map((i) => byClass[(i % parts) * size + Math.floor(i / parts)] as number);
    const whole = inceptionScore(probabilities, 10).mean;
    for (const order of [byClass, everyNth]) {
      const ordered = selectImages(others, order, 'in that order');
      const score = (await scoresOf(newScorer(reference, 'cache'), ordered, { splits: parts, nearCopies: 0 })).get(
        'Inception score',
      );
      // Parts of 30 images score lower; parts of two classes could not score more than 2.
      expect(score?.value).toBeGreaterThan(0.7 * whole);
      expect(score?.conditions.settings).toEqual({ splits: parts, spread: 'over splits' });
    }
  });

  test('stands beside the floor of parts as large, where real images are fewer', async () => {
    const few = selectImages(reference, range(0, 50), 'few');
    const { probabilities } = await networks.evaluator.classify(few);
    const floorOf = async (splits: number) =>
      (await scoresOf(newScorer(few, 'cache'), others, { splits, nearCopies: 0 })).get('Inception score')?.floor;
    expect(await floorOf(3)).toBeCloseTo(inceptionScore(probabilities, 10).mean, 12);
    // One image each: exp(0).
    expect(await floorOf(150)).toBeCloseTo(1, 12);
  });

  test('of an evaluator fed the wrong range is lower, and says so; distances do not change', async () => {
    const changes = { evaluatorInput: wrongEvaluatorRange, nearCopies: 0 };
    const wrong = await scoresOf(newScorer(reference, 'cache'), others, changes);
    expect(wrong.get('Inception score')?.value).toBeLessThan(valueOf('others', 'Inception score'));
    expect(wrong.get('Inception score')?.conditions.valueRange).toBe(wrongEvaluatorRange.valueRange);
    expect(wrong.get(FRECHET)).toEqual(scores.others.get(FRECHET));
  });
});

function range(begin: number, end: number): number[] {
  return Array.from({ length: end - begin }, (_, i) => begin + i);
}
