import { describe, expect, test } from 'vitest';
import { greyLevels, totalVariation } from '../../src/evaluation/histograms/grey-levels.js';
import { strokeWidths, wassersteinDistance } from '../../src/evaluation/histograms/stroke-widths.js';
import { scoredImages } from '../../src/evaluation/scored-images.js';

test('grey levels are shares of all pixels of all channels', () => {
  const gray = greyLevels({ images: Uint8Array.of(0, 0, 255, 7) });
  expect([gray[0], gray[7], gray[255], gray[1]]).toEqual([0.5, 0.25, 0.25, 0]);
  const coloured = greyLevels({ images: Uint8Array.of(9), colours: Uint8Array.of(1, 2, 2) });
  expect([coloured[1], coloured[9]]).toEqual([1 / 3, 0]);
});

test('the total variation is 0 between equal, 1 between disjoint distributions, and the share that must be moved', () => {
  expect(totalVariation([0.5, 0.5], [0.5, 0.5])).toBe(0);
  expect(totalVariation([1, 0], [0, 1])).toBe(1);
  expect(totalVariation([0.5, 0.25, 0.25], [0.25, 0.25, 0.5])).toBe(0.25);
});

describe('the Wasserstein distance', () => {
  // The first is the example of SciPy's wasserstein_distance; the others are the definition's areas between distribution functions.
  test.each([
    [[0, 1, 3], [5, 6, 8], 5],
    [[0, 0, 1], [1], 2 / 3],
    [[1, 2, 3, 4], [4, 3, 2, 1], 0],
    [[0, 10], [0, 0, 0, 10], 2.5],
  ])('between %j and %j is %d', (a, b, distance) => {
    expect(wassersteinDistance(a, b)).toBeCloseTo(distance, 12);
    expect(wassersteinDistance(b, a)).toBeCloseTo(distance, 12);
  });
});

describe('the stroke width', () => {
  const drawn = (isInk: (x: number, y: number) => boolean, size = 28) => {
    const images = Uint8Array.from({ length: size * size }, (_, i) =>
      isInk(i % size, Math.floor(i / size)) ? 255 : 0,
    );
    return scoredImages(images, { height: size, width: size }, null, 'a test');
  };

  test.each([1, 3, 5])('of a bar %d pixels wide is its width', (wide) => {
    const upright = drawn((x, y) => x >= 10 && x < 10 + wide && y >= 4 && y < 24);
    const lying = drawn((x, y) => y >= 10 && y < 10 + wide && x >= 4 && x < 24);
    expect([...strokeWidths(upright)]).toEqual([wide]);
    expect([...strokeWidths(lying)]).toEqual([wide]);
  });

  test('counts what is beyond the edge as ground, and leaves out images without ink', () => {
    expect([...strokeWidths(drawn((x) => x < 3))]).toEqual([3]);
    expect([...strokeWidths(drawn(() => false))]).toEqual([]);
    expect([...strokeWidths(drawn(() => true, 5))]).toEqual([5]);
  });

  test('of twenty large bright pictures takes seconds', () => {
    const images = new Uint8Array(20 * 127 * 127).fill(255);
    const widths = strokeWidths(scoredImages(images, { height: 127, width: 127 }, null, 'white'));
    expect([...new Set(widths)]).toEqual([127]);
  }, 5000);
});
