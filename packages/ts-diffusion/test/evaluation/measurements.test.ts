import { expect, test } from 'vitest';
import { ImageScorer } from '../../src/evaluation/evaluate.js';
import type { FeatureStatistics } from '../../src/evaluation/feature-statistics.js';
import {
  imagesToMeasure,
  measureImages,
  mergeMeasurements,
  scoringBatches,
} from '../../src/evaluation/measurements.js';
import { selectImages, type ScoredImages } from '../../src/evaluation/scored-images.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { shardSpan } from '../../src/pipeline/shards.js';
import { digitSets, untrainedNetworks } from './untrained-networks.js';

const networks = untrainedNetworks(await createNodeRuntime({ threads: 1 }));
const [samples, reference, training] = (await digitSets(600, 60, 60)) as [ScoredImages, ScoredImages, ScoredImages];
const total = samples.count;
const options = { thorough: true };
const whole = await measureImages({ images: samples, first: 0, total }, { first: 0, count: total }, networks, options);
const spans = [1, 2, 3].map((index) => shardSpan(scoringBatches(total), { index, of: 3 }));
/** From the images of each shard alone, the last first. */
const parts = await spans.reduceRight(async (later, { first, count }) => {
  const found = await later;
  const images = selectImages(
    samples,
    Array.from({ length: count }, (_, i) => first + i),
    'a part',
  );
  return [await measureImages({ images, first, total }, { first, count }, networks, options), ...found];
}, Promise.resolve<Awaited<ReturnType<typeof measureImages>>[]>([]));

const difference = (a: Float64Array, b: Float64Array): number => {
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? NaN)) / largest), 0);
};

test('features and probabilities of shards are those of the whole set, to the bit', () => {
  const merged = mergeMeasurements(parts);
  expect(merged.features).toEqual(whole.features);
  expect(merged.probabilities).toEqual(whole.probabilities);
  expect(merged.evaluated).toEqual(whole.evaluated);
});

test('means and covariances of shards are those of the whole set to 1e-12', () => {
  const { moments } = mergeMeasurements(parts);
  expect([...moments.keys()]).toEqual(["a second network's features", "evaluator's maps", 'random convolutions']);
  for (const [kind, merged] of moments) {
    const ofAll = whole.moments.get(kind) as FeatureStatistics;
    expect(merged.count).toBe(total);
    expect(difference(merged.mean(), ofAll.mean())).toBeLessThan(1e-12);
    expect(difference(merged.covariance(), ofAll.covariance())).toBeLessThan(1e-12);
  }
});

test('are scored as the images are, without asking the networks again', async () => {
  const cache = {
    value: async <T>(_: object, compute: () => T | Promise<T>): Promise<T> => await compute(),
    statistics: async <T>(_: object, compute: () => Promise<T>): Promise<T> => await compute(),
  };
  const scorer = new ImageScorer(networks, reference, training, cache);
  const settings = { neighbours: 3, bootstrap: 2, nearCopies: 20, seed: 0 };
  const asked = await scorer.score(samples, settings);
  // Another order of the rows than of the images shows that these features are taken.
  const odd = { ...whole, features: whole.features.slice().fill(0.5) };
  const told = await scorer.score(samples, { ...settings, measured: mergeMeasurements(parts) });
  expect(told).toEqual(asked);
  const wrong = await scorer.score(samples, { ...settings, measured: odd });
  expect(wrong.scores[1]?.value).not.toBe(asked.scores[1]?.value);
  const less = { ...whole, features: whole.features.subarray(128) };
  await expect(scorer.score(samples, { ...settings, measured: less })).rejects.toThrow(
    '599 images were measured, and 600',
  );
  const others = { ...whole, networks: { evaluator: '0', features: '1', secondFeatures: '2' } };
  await expect(scorer.score(samples, { ...settings, measured: others })).rejects.toThrow('measured by other networks');
});

test('FID needs whole batches of Inception-v3, which are of eight', () => {
  expect(imagesToMeasure({ first: 250, count: 250 }, { total: 1000, fid: true })).toEqual({ first: 248, count: 256 });
  expect(imagesToMeasure({ first: 996, count: 7 }, { total: 1003, fid: true })).toEqual({ first: 992, count: 11 });
  expect(imagesToMeasure({ first: 250, count: 250 }, { total: 1000, fid: false })).toEqual({ first: 250, count: 250 });
});

test('what is no whole number of batches, not at hand or measured otherwise is refused', async () => {
  const all = { images: samples, first: 0, total };
  await expect(measureImages(all, { first: 0, count: 150 }, networks, options)).rejects.toThrow('not whole batches');
  const late = { ...all, first: 200, total: 800 };
  await expect(measureImages(late, { first: 0, count: 200 }, networks, options)).rejects.toThrow(
    'Images 0 to 199 are needed; at hand are 200 to 799.',
  );
  expect(() => mergeMeasurements([whole, { ...whole, moments: new Map() }])).toThrow('cannot be merged');
  expect(() => mergeMeasurements([])).toThrow('no measurements');
});
