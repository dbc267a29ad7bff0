import { describe, expect, test } from 'vitest';
import {
  describeToneCurve,
  fitToneCurve,
  readToneCurve,
  withToneCurve,
  type LevelImages,
} from '../../src/diffusion/tone-curve.js';
import { DataError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';
import { toBytes, toModelRange } from '../../src/utils/pixel-range.js';

const SIZE = 16;

/** Images of which each pixel's level is a function of a uniform number and its channel. */
function images(count: number, channels: number, level: (u: number, channel: number) => number, seed = 1): LevelImages {
  const random = new RandomStream(seed);
  const area = SIZE ** 2;
  const pixels = Uint8Array.from({ length: count * channels * area }, (_, i) =>
    level(random.uniform(), Math.floor(i / area) % channels),
  );
  return { images: pixels, channels, height: SIZE, width: SIZE };
}

const curved = (drawn: LevelImages, curve: ReturnType<typeof fitToneCurve>): Uint8Array =>
  toBytes(withToneCurve(toModelRange(drawn.images), curve, SIZE));

/** The largest difference between the cumulative shares of two sets of levels (Kolmogorov-Smirnov). */
function distance(a: Uint8Array, b: Uint8Array): number {
  const share = (set: Uint8Array, level: number): number => set.filter((each) => each <= level).length / set.length;
  return Math.max(...Array.from({ length: 256 }, (_, level) => Math.abs(share(a, level) - share(b, level))));
}

describe('a tone curve', () => {
  test('keeps the levels of images that have those of the real ones', () => {
    const real = images(20, 1, (u) => 10 * Math.floor(20 * u));
    expect(curved(real, fitToneCurve(real, real))).toEqual(real.images);
  });

  test('is the closed form between levels that are spread evenly and two levels', () => {
    const drawn = { images: Uint8Array.from({ length: 256 }, (_, i) => i), channels: 1, height: 16, width: 16 };
    const real = {
      images: Uint8Array.from({ length: 256 }, (_, i) => (i < 192 ? 0 : 253)),
      channels: 1,
      height: 16,
      width: 16,
    };
    const [curve] = fitToneCurve(drawn, real);
    expect(curve).toEqual(Uint8Array.from({ length: 256 }, (_, level) => (level < 192 ? 0 : 253)));
  });

  test('empties a dusty background and fills ink, as of digits', () => {
    // A background of levels 0 to 3 where real images have 0, ink of 240 where they have 250 to 254, an edge in between.
    const drawn = images(40, 1, (u) =>
      u < 0.8 ? Math.floor(5 * u) : u < 0.9 ? 20 + Math.floor(2000 * (u - 0.8)) : 240,
    );
    const real = images(
      40,
      1,
      (u) => (u < 0.8 ? 0 : u < 0.9 ? 25 + Math.floor(2100 * (u - 0.8)) : 250 + Math.floor(50 * (u - 0.9))),
      2,
    );
    const made = curved(drawn, fitToneCurve(drawn, real));
    expect(distance(drawn.images, real.images)).toBeGreaterThan(0.5);
    // Ink of one level cannot become several.
    expect(distance(made, real.images)).toBeLessThan(0.07);
    expect(made.filter((level) => level === 0).length / made.length).toBeCloseTo(0.8, 1);
    expect(made.some((level) => level > 0 && level < 25)).toBe(false);
  });

  test('is one of each channel', () => {
    const drawn = images(20, 3, (u) => Math.floor(256 * u));
    const real = images(20, 3, (u, channel) => (channel === 1 ? Math.floor(128 * u) : Math.floor(256 * u)), 5);
    const curve = fitToneCurve(drawn, real);
    expect(curve).toHaveLength(3);
    expect(Math.max(...(curve[1] as Uint8Array))).toBeLessThan(128);
    expect(Math.max(...(curve[2] as Uint8Array))).toBeGreaterThan(250);
    expect(distance(curved(drawn, curve), real.images)).toBeLessThan(0.02);
  });

  test('is the same after it was written and read', () => {
    const curve = fitToneCurve(
      images(4, 2, (u) => Math.floor(200 * u)),
      images(4, 2, (u) => Math.floor(256 * u), 3),
    );
    expect(readToneCurve(JSON.parse(describeToneCurve(curve)), 2)).toEqual(curve);
  });

  test.each([
    ['no list', 3],
    ['another number of channels', [[...Array(256).keys()]]],
    ['too few levels', [[0], [255]]],
    ['levels that decrease', Array(2).fill([...Array(256).keys()].reverse())],
    ['levels out of range', Array(2).fill([...Array(256).keys()].map((level) => level + 1))],
    ['something else than numbers', Array(2).fill(Array(256).fill('0'))],
  ])('is refused when it has %s', (_, value) => {
    expect(() => readToneCurve(value, 2)).toThrow(/"toneCurve" is not 2 lists of 256 grey levels/);
  });

  test('needs images of as many channels', () => {
    const gray = images(1, 1, () => 0);
    expect(() =>
      fitToneCurve(
        gray,
        images(1, 3, () => 0),
      ),
    ).toThrow(DataError);
    expect(() => fitToneCurve({ ...gray, images: new Uint8Array(0) }, gray)).toThrow(/no images/);
  });
});
