import { describe, expect, it } from 'vitest';
import { FeatureStatistics } from '../../src/evaluation/feature-statistics.js';
import { selectFeatures } from '../../src/evaluation/features.js';
import { frechetDistance } from '../../src/evaluation/frechet-distance.js';
import { DataError, EvaluationError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';
import { goldenFeatures } from '../golden/evaluation.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

function expectSame(a: FeatureStatistics, b: FeatureStatistics): void {
  expect(a.count).toBe(b.count);
  const scale = Math.max(...b.covariance());
  expect(a.covariance()).toBeCloseToTensor(b.covariance(), { atol: 1e-13 * scale });
  expect(a.mean()).toBeCloseToTensor(b.mean(), { rtol: 1e-13 });
}

describe('FeatureStatistics', () => {
  it.each(golden.frechet)(
    'have the mean and covariance of numpy: $name',
    ({ name, counts, dimension, offset, scale, ...numpy }) => {
      const b = FeatureStatistics.of(goldenFeatures(`${name} b`, counts[1] ?? NaN, dimension, offset, scale));
      // The features themselves agree to the rounding of float32.
      expect(b.mean().slice(0, 4)).toBeCloseToTensor(numpy.mean, { rtol: 1e-7, atol: 1e-7 });
      const picked = b.covariance().filter((_, i) => i < 2 * dimension && i % (dimension - 1) === 0);
      expect(picked).toBeCloseToTensor(numpy.covariance, { rtol: 1e-6, atol: offset * 1e-7 + 1e-7 });
    },
  );

  // Far from the origin, where sums of squares about 0 would keep few digits.
  const features = goldenFeatures('shards', 1500, 20, 300);

  it('are the same for any sizes of batches', () => {
    const whole = FeatureStatistics.of(features);
    for (const size of [1, 7, 511, 512, 513]) {
      const parts = new FeatureStatistics(20);
      for (let i = 0; i < features.data.length; i += size * 20) parts.add(features.data.subarray(i, i + size * 20));
      expectSame(parts, whole);
    }
  });

  it('are the same for any shards in any order', () => {
    const whole = FeatureStatistics.of(features);
    const shuffled = selectFeatures(features, new RandomStream(1).permutation(1500));
    const bounds = [0, 0, 1, 2, 600, 1100, 1500];
    const shards = bounds
      .slice(1)
      .map((end, i) => FeatureStatistics.of(selectFeatures(shuffled, range(bounds[i] ?? NaN, end))));
    const merged = new FeatureStatistics(20);
    for (const shard of [...shards].reverse()) merged.merge(shard);
    expectSame(merged, whole);
    // Shards are left as they were.
    expect(shards.map(({ count }) => count)).toEqual([0, 1, 1, 598, 500, 400]);
    const again = new FeatureStatistics(20);
    shards.forEach((shard) => {
      again.merge(shard);
    });
    expectSame(again, whole);
    const other = FeatureStatistics.of(goldenFeatures('other', 900, 20, 300));
    expect(frechetDistance(merged, other) / frechetDistance(whole, other)).toBeCloseTo(1, 10);
  });

  it('survive being written and read, and go on from there', () => {
    const half = FeatureStatistics.of(selectFeatures(features, range(0, 700)));
    const read = FeatureStatistics.fromBytes(half.toBytes(), 'cache');
    read.add(selectFeatures(features, range(700, 1500)).data);
    expectSame(read, FeatureStatistics.of(features));
  });

  it('refuse a file that is not theirs or not whole', () => {
    const bytes = FeatureStatistics.of(features).toBytes();
    for (const wrong of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 12),
      new Uint8Array(0),
      new Uint8Array(bytes.length),
    ]) {
      expect(() => FeatureStatistics.fromBytes(wrong, 'cache/reference')).toThrow(DataError);
    }
    expect(() => FeatureStatistics.fromBytes(bytes.subarray(8), 'cache/reference')).toThrow(
      /^cache\/reference: the file of feature statistics is incomplete/,
    );
  });

  it('say what is wrong with features', () => {
    const statistics = new FeatureStatistics(3);
    statistics.add(Float32Array.of(1, 2, 3));
    expect(() => {
      statistics.add(Float32Array.of(1, 2, 3, 4));
    }).toThrow('4 values are not a whole number of feature vectors of 3');
    expect(() => {
      statistics.add(Float32Array.of(1, 2, 3, 4, NaN, 6));
    }).toThrow('Feature 1 of image 2 is NaN');
    expect(() => {
      statistics.add(Float32Array.of(1, 2, Infinity));
    }).toThrow('Feature 2 of image 1 is Infinity');
    expect(statistics.count).toBe(1);
    expect(() => {
      statistics.merge(new FeatureStatistics(4));
    }).toThrow(EvaluationError);
  });

  it('need images, and warn of too few', () => {
    const statistics = new FeatureStatistics(2);
    expect(() => statistics.mean()).toThrow('The mean of features needs at least 1 images, got 0');
    statistics.add(Float32Array.of(1, 2));
    expect([...statistics.mean()]).toEqual([1, 2]);
    expect(() => statistics.covariance()).toThrow('The covariance of features needs at least 2 images, got 1');
    statistics.add(Float32Array.of(3, 4));
    expect(statistics.warning).toContain('2 images for 2 features: their covariance is singular');
    statistics.add(Float32Array.of(5, 5));
    expect(statistics.warning).toBeNull();
  });
});

function range(begin: number, end: number): number[] {
  return Array.from({ length: end - begin }, (_, i) => begin + i);
}
