import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/utils/errors.js';
import { philox4x32, Purpose, RandomStream } from '../../src/utils/random.js';

/** Abramowitz & Stegun 7.1.26: |error| < 1.5e-7, far below what 200,000 samples resolve. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-z * z);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

/** Kolmogorov-Smirnov statistic times sqrt(n); above 1.95 with probability 0.001. */
function kolmogorovSmirnov(samples: Float64Array, cdf: (x: number) => number): number {
  samples.sort();
  let distance = 0;
  samples.forEach((x, i) => {
    const p = cdf(x);
    distance = Math.max(distance, p - i / samples.length, (i + 1) / samples.length - p);
  });
  return distance * Math.sqrt(samples.length);
}

const mean = (values: ArrayLike<number>, power = 1): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** power;
  return sum / values.length;
};

function normals(n: number, seed: number, ...path: number[]): Float32Array {
  const out = new Float32Array(n);
  new RandomStream(seed, ...path).fillNormal(out);
  return out;
}

describe('philox4x32', () => {
  // Origin: the lines "philox4x32 10" of Random123's known-answer file tests/kat_vectors (D. E. Shaw Research, release 1.14.0).
  it.each([
    [
      [0, 0, 0, 0, 0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the known answer for counter and key %j', ([c0, c1, c2, c3, k0, k1], expected) => {
    const out = new Uint32Array(4);
    philox4x32(c0, c1, c2, c3, k0, k1, out);
    expect([...out]).toEqual(expected);
  });
});

describe('RandomStream', () => {
  it('is keyed by the seed and counted by block number and path', () => {
    const words = new Uint32Array(8);
    const seed = 5 * 2 ** 32 + 7;
    philox4x32(0, 2 << 30, 3, 9, 7, 5, words.subarray(0, 4));
    philox4x32(1, 2 << 30, 3, 9, 7, 5, words.subarray(4, 8));
    const stream = new RandomStream(seed, Purpose.sampling, 9);
    expect(Array.from({ length: 8 }, () => stream.integer(2 ** 32))).toEqual([...words]);
  });

  it('gives the same numbers for the same path and others for any other', () => {
    expect(normals(64, 1, 2, 3)).toEqual(normals(64, 1, 2, 3));
    const first = [[1], [1, 0], [1, 0, 0], [1, 2, 3], [1, 3, 2], [2, 2, 3], [1 + 2 ** 32, 2, 3]].map(
      ([seed, ...path]) => new RandomStream(seed as number, ...path).uniform(),
    );
    expect(new Set(first).size).toBe(first.length);
  });

  it('draws the same normals in one call or many', () => {
    const parts = new Float32Array(1000);
    const stream = new RandomStream(4, 1);
    for (let i = 0; i < 1000; i += 8) stream.fillNormal(parts.subarray(i, i + 8));
    expect(parts).toEqual(normals(1000, 4, 1));
  });

  it('draws normals with the moments of N(0, 1), each within four standard errors', () => {
    const n = 1_000_000;
    const x = normals(n, 0);
    expect(Math.abs(mean(x))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(mean(x, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(mean(x, 3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(mean(x, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    // P(|x| > 3.442619855899), the ziggurat's tail, is 5.7611e-4 (scipy 1.17.1: 2 * norm.sf(3.442619855899)).
    const tail = x.filter((v) => Math.abs(v) > 3.442619855899).length / n;
    expect(Math.abs(tail - 5.7611e-4)).toBeLessThan(4 * Math.sqrt(5.7611e-4 / n));
  });

  it('draws normals whose distribution passes Kolmogorov-Smirnov', () => {
    expect(kolmogorovSmirnov(Float64Array.from(normals(200_000, 11)), normalCdf)).toBeLessThan(1.95);
  });

  it('draws uncorrelated normals within a stream and across neighbouring streams', () => {
    const n = 200_000;
    const x = normals(n, 3, 0);
    const y = normals(n, 3, 1);
    const bound = 4 / Math.sqrt(n);
    expect(Math.abs(mean(x.subarray(1).map((v, i) => v * (x[i] as number))))).toBeLessThan(bound);
    expect(Math.abs(mean(x.map((v, i) => v * (y[i] as number))))).toBeLessThan(bound);
  });

  it('draws uniforms on [0, 1) whose distribution passes Kolmogorov-Smirnov', () => {
    const stream = new RandomStream(12);
    const x = Float64Array.from({ length: 200_000 }, () => stream.uniform());
    expect(Math.min(...x.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(kolmogorovSmirnov(x, (v) => v)).toBeLessThan(1.95);
    expect(x.at(-1)).toBeLessThan(1);
  });

  it.each([1, 2, 3, 10, 3_000_000_000])('draws integers below %i evenly', (bound) => {
    const n = 60_000;
    const stream = new RandomStream(5);
    const cells = Math.min(bound, 6);
    const counts = new Array<number>(cells).fill(0);
    for (let i = 0; i < n; i++) {
      const value = stream.integer(bound);
      if (!Number.isInteger(value) || value < 0 || value >= bound) expect.fail(`drew ${value} below ${bound}`);
      const cell = Math.floor((value / bound) * cells);
      counts[cell] = (counts[cell] as number) + 1;
    }
    // A cell of a bound that cells do not divide may hold one value more or less than another.
    const share = (cell: number): number =>
      (Math.ceil(((cell + 1) * bound) / cells) - Math.ceil((cell * bound) / cells)) / bound;
    const chiSquared = counts.reduce((sum, c, i) => sum + (c - n * share(i)) ** 2 / (n * share(i)), 0);
    expect(chiSquared).toBeLessThan(20.5); // 0.1 % point at 5 degrees of freedom
  });

  it('permutes: every element once, every arrangement of four equally often', () => {
    const order = new RandomStream(6).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...new RandomStream(6).permutation(0)]).toEqual([]);
    const counts = new Map<string, number>();
    const stream = new RandomStream(8);
    const n = 24_000;
    for (let i = 0; i < n; i++) {
      const key = stream.permutation(4).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquared = [...counts.values()].reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(49.7); // 0.1 % point at 23 degrees of freedom
  });

  it('refuses seeds, paths and bounds out of range', () => {
    expect(() => new RandomStream(-1)).toThrow('seed must be an integer from 0 to 9007199254740991, got -1');
    expect(() => new RandomStream(0.5)).toThrow(ConfigError);
    expect(() => new RandomStream(2 ** 53)).toThrow(ConfigError);
    expect(() => new RandomStream(0, 2 ** 32)).toThrow('path element 0');
    expect(() => new RandomStream(0, 1, 2, 3)).toThrow('at most 2');
    expect(() => new RandomStream(0).integer(0)).toThrow(ConfigError);
  });
});
