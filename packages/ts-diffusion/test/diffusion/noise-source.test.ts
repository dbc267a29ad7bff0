import { describe, expect, it } from 'vitest';
import { NoiseSource } from '../../src/diffusion/noise-source.js';
import { Purpose, RandomStream } from '../../src/utils/random.js';

const pixels = 49;

/** The first `calls` noises of images first .. first + count - 1, as one list per image. */
function noises(seed: number, first: number, count: number, calls: number): number[][] {
  const source = new NoiseSource(seed, first, count, pixels);
  const perImage = Array.from({ length: count }, (): number[] => []);
  for (let call = 0; call < calls; call++) {
    const batch = source.next();
    perImage.forEach((list, i) => list.push(...batch.subarray(i * pixels, (i + 1) * pixels)));
  }
  return perImage;
}

describe('NoiseSource', () => {
  it('gives image i the same initial noise and the same step noise at any batch size and offset', () => {
    const together = noises(3, 0, 8, 5);
    expect([...noises(3, 0, 3, 5), ...noises(3, 3, 1, 5), ...noises(3, 4, 4, 5)]).toEqual(together);
  });

  it('draws image i of seed s from the stream (s, sampling, i)', () => {
    const expected = new Float32Array(pixels);
    new RandomStream(3, Purpose.sampling, 5).fillNormal(expected);
    expect(noises(3, 5, 1, 1)).toEqual([[...expected]]);
  });

  it('is standard normal and uncorrelated between images, calls and seeds', () => {
    const [first = [], second = []] = noises(1, 0, 2, 400);
    const [otherSeed = []] = noises(2, 0, 1, 400);
    const n = first.length;
    const inner = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0) / n;
    const limit = 4 / Math.sqrt(n);
    expect(Math.abs(first.reduce((a, b) => a + b) / n)).toBeLessThan(limit);
    expect(Math.abs(inner(first, first) - 1)).toBeLessThan(limit * Math.SQRT2);
    expect(Math.abs(inner(first, second))).toBeLessThan(limit);
    expect(Math.abs(inner(first, otherSeed))).toBeLessThan(limit);
    expect(Math.abs(inner(first, [...first.slice(pixels), ...first.slice(0, pixels)]))).toBeLessThan(limit);
  });

  it('gives a new array at every call', () => {
    const source = new NoiseSource(0, 0, 1, pixels);
    const first = source.next();
    const copy = first.slice();
    source.next();
    expect(first).toEqual(copy);
  });
});
