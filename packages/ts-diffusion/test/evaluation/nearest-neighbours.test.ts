import { describe, expect, it } from 'vitest';
import { createFeatures, selectFeatures } from '../../src/evaluation/features.js';
import { nearestNeighbours } from '../../src/evaluation/nearest-neighbours.js';
import { goldenFeatures } from '../golden/evaluation.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

describe('nearestNeighbours', () => {
  it.each(golden.neighbourhoods)(
    'are those of scikit-learn: $counts images, $dimension features',
    ({ counts, dimension, offset, scale, nearest }) => {
      const training = goldenFeatures('real', counts[0] ?? NaN, dimension);
      const samples = goldenFeatures('samples', counts[1] ?? NaN, dimension, offset, scale);
      const found = nearestNeighbours(samples, training);
      expect(found.indices).toHaveLength(samples.rows);
      expect([...found.indices.subarray(0, nearest.indices.length)]).toEqual(nearest.indices);
      expect(found.distances.subarray(0, nearest.distances.length)).toBeCloseToTensor(nearest.distances, {
        rtol: 1e-6,
      });
    },
  );

  it('find copies at a distance of exactly 0, far from the origin too', () => {
    const training = goldenFeatures('real', 700, 20, 50);
    const copied = [699, 0, 3, 512];
    const found = nearestNeighbours(selectFeatures(training, copied), training);
    expect([...found.indices]).toEqual(copied);
    expect([...found.distances]).toEqual([0, 0, 0, 0]);
  });

  it('refuse to search nothing', () => {
    expect(() => nearestNeighbours(goldenFeatures('a', 2, 3), createFeatures(new Float32Array(0), 3))).toThrow(
      'need training images, got none',
    );
  });
});
