import { describe, expect, it } from 'vitest';
import { FeatureStatistics } from '../../src/evaluation/feature-statistics.js';
import { createFeatures, selectFeatures, type Features } from '../../src/evaluation/features.js';
import {
  bootstrapFrechetDistance,
  frechetDistance,
  frechetDistanceWithFloor,
} from '../../src/evaluation/frechet-distance.js';
import { EvaluationError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';
import { goldenFeatures } from '../golden/evaluation.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

function normals(seed: number, count: number, dimension: number, mean = 0, deviation = 1): Features {
  const data = new Float32Array(count * dimension);
  new RandomStream(seed).fillNormal(data);
  return createFeatures(
    data.map((value) => mean + deviation * value),
    dimension,
  );
}

describe('frechetDistance', () => {
  it.each(golden.frechet)(
    'equals that of pytorch-fid: $name',
    ({ name, counts, dimension, offset, scale, distance }) => {
      const [a, b] = [
        goldenFeatures(`${name} a`, counts[0] ?? NaN, dimension),
        goldenFeatures(`${name} b`, counts[1] ?? NaN, dimension, offset, scale),
      ];
      expect(frechetDistance(FeatureStatistics.of(a), FeatureStatistics.of(b)) / distance).toBeCloseTo(1, 6);
    },
  );

  it('of one dimension is (μ_a - μ_b)² + (σ_a - σ_b)²', () => {
    const a = FeatureStatistics.of(createFeatures(Float32Array.of(1, 3), 1)); // mean 2, variance 2
    const b = FeatureStatistics.of(createFeatures(Float32Array.of(4, 10), 1)); // mean 7, variance 18
    expect(frechetDistance(a, b)).toBeCloseTo(25 + (Math.sqrt(18) - Math.sqrt(2)) ** 2, 12);
  });

  it('of a set to itself is 0, with fewer images than features too', () => {
    for (const count of [400, 30]) {
      const statistics = FeatureStatistics.of(goldenFeatures('itself', count, 60));
      const scale = statistics.covariance().reduce((sum, value, i) => (i % 61 === 0 ? sum + value : sum), 0);
      expect(frechetDistance(statistics, statistics)).toBeLessThan(1e-13 * scale);
    }
  });

  it('of singular covariances whose features differ in scale alone is (1 - s)² tr Σ', () => {
    const a = goldenFeatures('scaled', 40, 100);
    const b = createFeatures(
      a.data.map((value) => 4 * value),
      100,
    );
    const [of, other] = [FeatureStatistics.of(a), FeatureStatistics.of(b)];
    const trace = of.covariance().reduce((sum, value, i) => (i % 101 === 0 ? sum + value : sum), 0);
    const squaredMean = of.mean().reduce((sum, value) => sum + value * value, 0);
    expect(frechetDistance(of, other) / (9 * (trace + squaredMean))).toBeCloseTo(1, 12);
  });

  it('refuses different features and a single image', () => {
    const [two, three] = [FeatureStatistics.of(normals(0, 9, 2)), FeatureStatistics.of(normals(0, 9, 3))];
    expect(() => frechetDistance(two, three)).toThrow('Features of 2 dimensions cannot be compared with features of 3');
    expect(() => frechetDistance(two, FeatureStatistics.of(normals(0, 1, 2)))).toThrow(EvaluationError);
  });
});

describe('frechetDistanceWithFloor', () => {
  const [reference, real] = [FeatureStatistics.of(normals(1, 500, 4)), FeatureStatistics.of(normals(2, 500, 4))];

  it('puts the distance beside that of real images', () => {
    const samples = FeatureStatistics.of(normals(3, 500, 4, 0.5));
    const shares: number[] = [];
    const result = frechetDistanceWithFloor(samples, reference, real, (share) => shares.push(share));
    expect(shares).toEqual([0.5, 1]);
    expect(result.distance).toBe(frechetDistance(samples, reference));
    expect(result.floor).toBe(frechetDistance(real, reference));
    expect(result.ratio).toBe(result.distance / result.floor);
    expect(result.ratio).toBeGreaterThan(20);
    expect(result.warnings).toEqual([]);
    expect(frechetDistanceWithFloor(FeatureStatistics.of(normals(4, 500, 4)), reference, real).ratio).toBeLessThan(3);
  });

  it('warns of few images, and of a floor of another number of images', () => {
    const { warnings } = frechetDistanceWithFloor(FeatureStatistics.of(normals(3, 4, 4)), reference, real);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('4 images for 4 features');
    expect(warnings[1]).toContain('of 4 samples but its floor of 500 real images');
  });
});

describe('bootstrapFrechetDistance', () => {
  const reference = FeatureStatistics.of(normals(1, 4000, 3));

  it('gives the standard error that repeated sampling shows', () => {
    const repeated = Array.from({ length: 60 }, (_, i) =>
      frechetDistance(FeatureStatistics.of(normals(100 + i, 400, 3, 0.4)), reference),
    );
    const center = repeated.reduce((sum, value) => sum + value, 0) / 60;
    const spread = Math.sqrt(repeated.reduce((sum, value) => sum + (value - center) ** 2, 0) / 59);
    const { distance, standardError, resampled } = bootstrapFrechetDistance(normals(7, 400, 3, 0.4), reference, {
      resamples: 60,
      seed: 5,
    });
    // Both spreads are known to about 9 %; 40 % is three standard errors of their ratio.
    expect(Math.abs(standardError / spread - 1)).toBeLessThan(0.4);
    expect(distance).toBe(frechetDistance(FeatureStatistics.of(normals(7, 400, 3, 0.4)), reference));
    expect(resampled).toHaveLength(60);
  });

  it('is the same for the same seed, and each resample the same however many there are', () => {
    const features = normals(7, 50, 3);
    const of = (seed: number, resamples: number) =>
      bootstrapFrechetDistance(features, reference, { resamples, seed }).resampled;
    expect(of(1, 5)).toEqual(of(1, 9).subarray(0, 5));
    expect(of(1, 5)).not.toEqual(of(2, 5));
  });

  it('refuses a single resample', () => {
    expect(() => bootstrapFrechetDistance(normals(7, 50, 3), reference, { resamples: 1, seed: 0 })).toThrow(
      'at least 2, got 1',
    );
  });
});

it('is unmoved by the order of images', () => {
  const features = normals(1, 200, 5);
  const reversed = selectFeatures(
    features,
    Array.from({ length: 200 }, (_, i) => 199 - i),
  );
  const other = FeatureStatistics.of(normals(2, 200, 5));
  const [one, two] = [features, reversed].map((set) => frechetDistance(FeatureStatistics.of(set), other));
  expect((one ?? NaN) / (two ?? NaN)).toBeCloseTo(1, 12);
});
