import { describe, expect, it } from 'vitest';
import { kernelInceptionDistance } from '../../src/evaluation/kernel-inception-distance.js';
import { standardDeviation } from '../../src/evaluation/moments.js';
import { goldenFeatures } from '../golden/evaluation.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

describe('kernelInceptionDistance', () => {
  const { count, dimension, offset, distance } = golden.kernelDistance;
  const x = goldenFeatures('kernel x', count, dimension);
  const y = goldenFeatures('kernel y', count, dimension, offset);

  it('equals that of torch-fidelity where the subset is the set', () => {
    const whole = kernelInceptionDistance(x, y, { subsets: 2, subsetSize: count, seed: 3 });
    expect(whole.mean / distance).toBeCloseTo(1, 5);
    expect(whole.standardDeviation).toBeNull();
  });

  it('of subsets varies about that of the whole, unbiased', () => {
    const subsets = 200;
    const result = kernelInceptionDistance(x, y, { subsets, subsetSize: 30, seed: 4 });
    expect(result.standardDeviation).toBeGreaterThan(0);
    const error = (result.standardDeviation ?? NaN) / Math.sqrt(subsets);
    expect(Math.abs(result.mean - distance)).toBeLessThan(4 * error);
  });

  it('has an error bar only where it is that of other sets of images', () => {
    const subsetSize = 50;
    const of = (rows: number, seed: number) => {
      const [a, b] = [
        goldenFeatures(`a ${seed}`, rows, dimension),
        goldenFeatures(`b ${seed}`, rows, dimension, offset),
      ];
      return kernelInceptionDistance(a, b, { subsets: 60, subsetSize, seed });
    };
    // Of 60 pairs of sets that share nothing.
    const independent = Array.from({ length: 60 }, (_, seed) => {
      const [a, b] = [
        goldenFeatures(`a ${seed}`, subsetSize, dimension),
        goldenFeatures(`b ${seed}`, subsetSize, dimension, offset),
      ];
      return kernelInceptionDistance(a, b, { subsets: 1, subsetSize, seed }).mean;
    });
    const ratio = (of(4 * subsetSize, 1).standardDeviation ?? NaN) / standardDeviation(independent);
    expect(ratio).toBeGreaterThan(0.65);
    expect(ratio).toBeLessThan(1.5);
    expect(of(4 * subsetSize - 1, 1).standardDeviation).toBeNull();
    expect(kernelInceptionDistance(x, y, { subsets: 1, subsetSize, seed: 1 }).standardDeviation).toBeNull();
  });

  it('between halves of one set is about 0', () => {
    const [one, other] = [goldenFeatures('half 1', 300, dimension), goldenFeatures('half 2', 300, dimension)];
    const result = kernelInceptionDistance(one, other, { subsets: 1, subsetSize: 300, seed: 0 });
    expect(Math.abs(result.mean)).toBeLessThan(distance / 10);
  });

  it('is the same for the same seed, and tells progress', () => {
    const shares: number[] = [];
    const of = (seed: number) =>
      kernelInceptionDistance(x, y, { subsets: 4, subsetSize: 20, seed, onProgress: (share) => shares.push(share) })
        .mean;
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
    expect(shares.slice(0, 4)).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('refuses subsets larger than a set, and different features', () => {
    expect(() => kernelInceptionDistance(x, y, { seed: 0 })).toThrow('subsets of 2 to 300 images, got 1000');
    expect(() => kernelInceptionDistance(x, y, { seed: 0, subsetSize: 10, subsets: 0 })).toThrow('at least 1, got 0');
    const other = goldenFeatures('other', 300, 8);
    expect(() => kernelInceptionDistance(x, other, { seed: 0, subsetSize: 10 })).toThrow('40 dimensions');
  });
});
