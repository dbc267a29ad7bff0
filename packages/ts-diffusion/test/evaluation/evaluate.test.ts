import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileEvaluationCache } from '../../src/node/evaluation/evaluation-cache.js';
import {
  evaluationDefaults,
  ImageScorer,
  type Evaluation,
  type EvaluationOptions,
} from '../../src/evaluation/evaluate.js';
import { MemoryEvaluationCache } from '../../src/evaluation/memory-evaluation-cache.js';
import { createFeatures } from '../../src/evaluation/features.js';
import { FeatureStatistics } from '../../src/evaluation/feature-statistics.js';
import { scoredImages, selectImages, spreadSubset, type ScoredImages } from '../../src/evaluation/scored-images.js';
import { loadEvaluationNetworks } from '../../src/evaluation/shipped-networks.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { EvaluationError } from '../../src/utils/errors.js';
import { compareReceipts } from '../../src/evaluation/compare-receipts.js';
import { decodeReceipt, encodeReceipt, type Score } from '../../src/evaluation/receipt.js';
import { contents } from './receipt-contents.js';
import { digitSets, untrainedNetworks } from './untrained-networks.js';

const options: EvaluationOptions = { neighbours: 3, bootstrap: 5, nearCopies: 50, seed: 0 };

let folder: string;
let scorer: ImageScorer;
let reference: ScoredImages;
let training: ScoredImages;
let others: ScoredImages;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
  [reference, training, others] = (await digitSets(300, 300, 200)) as [ScoredImages, ScoredImages, ScoredImages];
  scorer = newScorer(training);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const runtime = await createNodeRuntime({ threads: 1 });
const networks = untrainedNetworks(runtime);
const newScorer = (real: ScoredImages | null) =>
  new ImageScorer(networks, reference, real, new FileEvaluationCache(join(folder, 'cache')));
const value = ({ scores }: Evaluation, metric: string) => scores.find((score) => score.metric === metric);
const part = (set: ScoredImages, count: number) => selectImages(set, [...Array(count).keys()], set.source);

describe('the scores of images', () => {
  test('are the floors, where the samples are the very images that floors are taken of', async () => {
    const evaluation = await scorer.score(spreadSubset(training, 200), options);
    for (const metric of ['Frechet distance (CNN features)', 'Precision', 'Recall', 'Density', 'Coverage']) {
      const score = value(evaluation, metric);
      expect(score?.value, metric).toBeCloseTo(score?.floor ?? NaN, 12);
      expect(score?.conditions.samples).toBe(200);
    }
    expect(evaluation.scores.map(({ metric }) => metric)).toEqual([
      'Inception score',
      'Frechet distance (CNN features)',
      'Kernel distance (KID, CNN features)',
      'Precision',
      'Recall',
      'Density',
      'Coverage',
      'Label accuracy',
      'Near-copies of training images',
    ]);
  });

  test('show copies of training images, and where each one comes from', async () => {
    const evaluation = await scorer.score(part(training, 60), options);
    expect(value(evaluation, 'Near-copies of training images')?.value).toBe(1);
    expect(evaluation.warnings).toContain('50 of 50 samples are training images, pixel by pixel.');
    expect([...(evaluation.nearest?.indices ?? [])].slice(0, 3)).toEqual([0, 1, 2]);

    const fresh = await scorer.score(others, options);
    expect(value(fresh, 'Near-copies of training images')?.value).toBeLessThan(0.1);
  });

  test('of pixels are of gray ones, where samples are coloured and real images are not', async () => {
    const inColour = scoredImages(
      others.images,
      others,
      others.labels,
      'coloured digits',
      Uint8Array.from({ length: 3 * others.images.length }, (_, i) => others.images[Math.floor(i / 3)] ?? 0),
    );
    const thorough = { ...options, nearCopies: 0, thorough: true };
    const [gray, coloured] = [await scorer.score(others, thorough), await scorer.score(inColour, thorough)];
    expect(coloured.scores).toEqual(gray.scores);
    expect(coloured.histograms).toEqual(gray.histograms);
  }, 60_000);

  test('compare between models of which different features are the worst', async () => {
    const inverted = scoredImages(
      others.images.map((level) => 255 - level),
      others,
      others.labels,
      'inverted',
    );
    const evaluations = [others, inverted].map((samples) =>
      scorer.score(samples, { ...options, nearCopies: 0, thorough: true }),
    );
    const ratioOf = ({ value: distance, floor = NaN }: Score): number => distance / floor;
    const receipts = (await Promise.all(evaluations)).map(({ scores }) =>
      decodeReceipt(encodeReceipt(contents(...scores)), 'a receipt'),
    );
    const worst = receipts.map(
      ({ scores }) =>
        scores
          .filter(({ metric }) => metric.startsWith('Frechet distance'))
          .toSorted((a, b) => ratioOf(b) - ratioOf(a))[0]?.metric,
    );
    expect(worst[0]).not.toBe(worst[1]);
    const rows = compareReceipts(receipts.map((each, i) => ({ name: String(i), receipt: each })));
    expect(rows.map(({ metric }) => metric)).toContain('Worst distance over floor');
  }, 60_000);

  test('need no labels', async () => {
    const evaluation = await scorer.score({ ...others, labels: null }, options);
    expect(evaluation.classification).toBeNull();
    expect(value(evaluation, 'Label accuracy')).toBeUndefined();
  });

  test('without training images are against one half of the reference, with the other half as floor', async () => {
    const evaluation = await newScorer(null).score(others, options);
    expect(value(evaluation, 'Recall')?.conditions.reference?.count).toBe(150);
    expect(evaluation.warnings[1]).toMatch(/^No training images were given/);
  });
});

describe('floors', () => {
  test('are kept in the cache, and a damaged file is replaced', async () => {
    const before = value(await newScorer(training).score(others, options), 'Recall');
    const cache = join(folder, 'cache');
    for (const name of readdirSync(cache)) writeFileSync(join(cache, name), '{"value":');
    expect(value(await newScorer(training).score(others, options), 'Recall')).toEqual(before);
    for (const name of readdirSync(cache)) {
      if (name.endsWith('.json')) writeFileSync(join(cache, name), '{"value":{"recall":0.123,"precision":1}}');
    }
    expect(value(await newScorer(training).score(others, options), 'Recall')?.floor).toBe(0.123);
    rmSync(cache, { recursive: true });
  });
});

describe('images that cannot be scored, or hardly', () => {
  const failure = async (set: ScoredImages) => {
    const error: unknown = await scorer.score(set, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EvaluationError);
    return (error as EvaluationError).message;
  };

  test('too few', async () => {
    expect(await failure(part(others, 9))).toMatch(/digits 2: 9 images are too few to score; give at least 10/);
    const { warnings } = await scorer.score(part(others, 20), options);
    expect(warnings.join()).toMatch(/20 images for 128 features: their covariance is singular/);
  });

  test('another size', async () => {
    const small = scoredImages(new Uint8Array(20 * 64).fill(9), { height: 8, width: 8 }, null, 'small ones');
    expect(await failure(small)).toMatch(/^small ones holds images of 8x8 pixels; .* accepts only images of 28x28/);
  });

  test('another range', async () => {
    const unit = scoredImages(
      others.images.map((byte) => Math.round(byte / 255)),
      others,
      null,
      'in 0..1',
    );
    expect(await failure(unit)).toMatch(/no pixel is brighter than 1 of 255.*multiplied by 255/);
    const inverted = scoredImages(
      others.images.map((byte) => 255 - byte),
      others,
      others.labels,
      'inverted',
    );
    expect((await scorer.score(inverted, options)).warnings.join()).toMatch(/are they inverted, or in another range/);
  });
});

describe('what is left open', () => {
  test('is as the defaults say, and kept in memory', async () => {
    const few = part(others, 40);
    const cached: ImageScorer = newScorer(training);
    const evaluation = await new ImageScorer(networks, reference, training).score(few);
    expect(evaluation).toEqual(await cached.score(few, evaluationDefaults));
    expect(evaluation.scores.some(({ metric }) => metric.startsWith('Near-copies'))).toBe(true);
    const alone = await new ImageScorer(networks, reference).score(few);
    expect(alone.warnings.join()).toContain('No training images were given');
    expect(() => {
      cached.checkSettings(5);
    }).toThrow(EvaluationError);
  });

  test('is computed once for all scorers that share a cache', async () => {
    const cache = new MemoryEvaluationCache();
    const key = { metric: 'x' };
    let computed = 0;
    const compute = () => ({ value: ++computed });
    const first = await cache.value(key, compute);
    first.value = 7;
    expect(await cache.value({ metric: 'x' }, compute)).toEqual({ value: 1 });
    expect(await cache.value({ metric: 'y' }, compute)).toEqual({ value: 2 });

    const statistics = () => Promise.resolve(FeatureStatistics.of(createFeatures(Float32Array.of(++computed, 0), 1)));
    const kept = await cache.statistics(key, statistics);
    kept.merge(kept);
    expect([...(await cache.statistics(key, statistics)).mean()]).toEqual([1.5]);
    expect((await cache.statistics(key, statistics)).count).toBe(2);
  });
});

test('scoring needs no Buffer, which browsers lack', async () => {
  const { Buffer: kept } = globalThis;
  const few = part(others, 40);
  const expected = await scorer.score(few, { ...options, nearCopies: 0 });
  Reflect.deleteProperty(globalThis, 'Buffer');
  try {
    expect(await new ImageScorer(networks, reference, training).score(few, { ...options, nearCopies: 0 })).toEqual(
      expected,
    );
  } finally {
    globalThis.Buffer = kept;
  }
});

describe('what the scores cannot tell is said', async () => {
  const trained = await loadEvaluationNetworks(runtime);
  const trainedScorer = (set: ScoredImages) =>
    new ImageScorer(trained, set, training, new FileEvaluationCache(join(folder, 'cache')));
  const meaningless = (warnings: readonly string[]) => warnings.filter((text) => text.startsWith('NOT MEANINGFUL'));
  const quick = { ...options, nearCopies: 0 };

  test('nothing of digits that the shipped networks know', async () => {
    const { warnings } = await trainedScorer(reference).score(others, quick);
    expect(meaningless(warnings)).toEqual([]);
  });

  test('that the networks do not know the reference', async () => {
    // Each image upside down: like Fashion-MNIST, images of the right size with labels that the networks cannot see.
    const images = reference.images.slice().reverse();
    const labels = [...(reference.labels ?? [])].reverse().map((label) => (label + 1) % 10);
    const { warnings } = await trainedScorer(scoredImages(images, reference, labels, 'others')).score(others, quick);
    expect(meaningless(warnings)).toHaveLength(1);
    expect(warnings[0]).toMatch(/NOT MEANINGFUL: the feature-network recognises \d?\d\.\d % of the reference images/);
  });

  test('that a reference without labels cannot be measured by them', async () => {
    const { warnings } = await trainedScorer(scoredImages(reference.images, reference, null, 'x')).score(others, quick);
    expect(warnings[0]).toContain('has no labels');
  });

  test('that training images are the reference, or among it', async () => {
    expect(() => newScorer(reference)).toThrow('are the same images, so no floor can be computed');
    const both = scoredImages(
      Buffer.concat([training.images.subarray(0, 250 * 784), reference.images.subarray(0, 50 * 784)]),
      training,
      null,
      'both',
    );
    const { warnings } = await newScorer(both).score(part(others, 200), quick);
    expect(warnings.join()).toMatch(/\d+ images of 200 of both are among the reference/);
    expect((await scorer.score(others, quick)).warnings.join()).not.toContain('are among the reference');
  });

  test('labels that the networks do not know, before anything is scored', () => {
    const labels = Array.from({ length: 300 }, (_, i) => i % 12);
    const wrong = scoredImages(reference.images, reference, labels, 'twelve classes');
    expect(() => trainedScorer(wrong)).toThrow(
      'twelve classes holds images of class 10; the feature-network accepts only classes 0..9.',
    );
    expect(() => {
      scorer.checkLabels('this model draws', [3, 11]);
    }).toThrow('this model draws images of class 11');
  });
});
