import { describe, expect, it } from 'vitest';
import { createFeatures } from '../../src/evaluation/features.js';
import { precisionRecall } from '../../src/evaluation/precision-recall.js';
import { goldenFeatures } from '../golden/evaluation.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

const line = (...values: number[]) => createFeatures(Float32Array.from(values), 1);

describe('precisionRecall', () => {
  it.each(golden.neighbourhoods)(
    'equals compute_prdc of the prdc package: $counts images, $dimension features, k = $neighbours',
    ({ counts, dimension, offset, scale, neighbours, precision, recall, density, coverage }) => {
      const real = goldenFeatures('real', counts[0] ?? NaN, dimension);
      const samples = goldenFeatures('samples', counts[1] ?? NaN, dimension, offset, scale);
      const found = precisionRecall(real, samples, { neighbours });
      expect(found.precision).toBeCloseTo(precision, 12);
      expect(found.recall).toBeCloseTo(recall, 12);
      expect(found.density).toBeCloseTo(density, 12);
      expect(found.coverage).toBeCloseTo(coverage, 12);
    },
  );

  it('of points on a line is what one can count', () => {
    // k = 1: the balls around the real 0, 1, 10 have radii 1, 1, 9, those around the samples 0.5, 5 have radius 4.5.
    const found = precisionRecall(line(0, 1, 10), line(0.5, 5), { neighbours: 1 });
    expect(found).toEqual({ precision: 1, recall: 2 / 3, density: 3 / 2, coverage: 1 });
  });

  it('tells progress, from above 0 to 1', () => {
    const shares: number[] = [];
    precisionRecall(goldenFeatures('real', 600, 4), goldenFeatures('samples', 300, 4), {
      onProgress: (share) => shares.push(share),
    });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('refuses sets no larger than the neighbourhood, and different features', () => {
    expect(() => precisionRecall(line(0, 1, 2), line(0, 1, 2, 3), { neighbours: 3 })).toThrow(
      'With 3 images, the number of neighbours must be from 1 to 2, got 3',
    );
    expect(() => precisionRecall(line(0, 1), goldenFeatures('real', 9, 4))).toThrow('1 dimensions');
  });
});
