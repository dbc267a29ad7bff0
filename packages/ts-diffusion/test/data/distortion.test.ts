import { describe, expect, it } from 'vitest';
import { distort, type Distortion } from '../../src/data/distortion.js';
import { RandomStream } from '../../src/utils/random.js';

const SIZE = 28;
const none: Distortion = { shift: 0, rotation: 0, stretch: 0, bend: 0 };

/** Brightness 20 + 3x + 4y: bilinear interpolation gives a plane exactly, so that an affine map of it is a plane too. */
const plane = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => 20 + 3 * (i % SIZE) + 4 * Math.floor(i / SIZE));

function distorted(image: Uint8Array, distortion: Partial<Distortion>, index = 0): Float32Array {
  const out = new Float32Array(SIZE * SIZE);
  distort(image, SIZE, { ...none, ...distortion }, new RandomStream(3, index), out);
  return out;
}

/** Value and slopes in the middle of the image, and by how much it is no plane there. */
function planeOf(image: Float32Array): { value: number; slopes: [number, number]; unevenness: number } {
  const at = (x: number, y: number): number => image[y * SIZE + x] ?? NaN;
  const slopes: [number, number] = [at(14, 13) - at(13, 13), at(13, 14) - at(13, 13)];
  let unevenness = 0;
  for (let y = 9; y < 19; y++) {
    for (let x = 9; x < 19; x++) {
      const expected = at(13, 13) + (x - 13) * slopes[0] + (y - 13) * slopes[1];
      unevenness = Math.max(unevenness, Math.abs(at(x, y) - expected));
    }
  }
  // The centre lies between four pixels.
  return { value: at(13, 13) + (slopes[0] + slopes[1]) / 2, slopes, unevenness };
}

const draws = Array.from({ length: 200 }, (_, index) => index);
const CENTRE = 20 + 3.5 * 27;

describe('a distortion', () => {
  it('of nothing leaves the image as it is', () => {
    expect(distorted(plane, {})).toEqual(Float32Array.from(plane));
  });

  it('shifts by up to the bound along each axis, in every direction', () => {
    const moved = draws.map((index) => planeOf(distorted(plane, { shift: 2 }, index)));
    for (const { slopes, unevenness } of moved) {
      expect(slopes).toBeCloseToTensor([3, 4], { atol: 1e-4 });
      expect(unevenness).toBeLessThan(1e-3);
    }
    // (3 dx + 4 dy) for dx, dy uniform in ±2: mean 0, variance (9 + 16) 4/3.
    const changes = moved.map(({ value }) => value - CENTRE);
    expect(Math.max(...changes.map(Math.abs))).toBeLessThanOrEqual(14);
    const variance = changes.reduce((sum, change) => sum + change ** 2, 0) / changes.length;
    expect(variance / (100 / 3)).toBeGreaterThan(0.75);
    expect(variance / (100 / 3)).toBeLessThan(1.25);
  });

  it('rotates about the centre by up to the bound', () => {
    const turns = draws.map((index) => {
      const { value, slopes, unevenness } = planeOf(distorted(plane, { rotation: 30 }, index));
      expect(unevenness).toBeLessThan(1e-3);
      expect(value).toBeCloseTo(CENTRE, 3);
      expect(Math.hypot(...slopes)).toBeCloseTo(5, 4);
      return ((Math.atan2(slopes[1], slopes[0]) - Math.atan2(4, 3)) * 180) / Math.PI;
    });
    expect(Math.max(...turns)).toBeLessThanOrEqual(30);
    expect(Math.max(...turns)).toBeGreaterThan(27);
    expect(Math.min(...turns)).toBeGreaterThanOrEqual(-30);
    expect(Math.min(...turns)).toBeLessThan(-27);
  });

  it('stretches and slants by up to the bound', () => {
    const horizontal = draws.map((index) => planeOf(distorted(plane, { stretch: 0.2 }, index)).slopes[0] / 3);
    expect(Math.max(...horizontal)).toBeLessThanOrEqual(1.2001);
    expect(Math.max(...horizontal)).toBeGreaterThan(1.18);
    expect(Math.min(...horizontal)).toBeGreaterThanOrEqual(0.7999);
    // 4 height + 3 slant.
    const vertical = draws.map((index) => planeOf(distorted(plane, { stretch: 0.2 }, index)).slopes[1] - 4);
    expect(Math.max(...vertical.map(Math.abs))).toBeLessThanOrEqual(1.4001);
    expect(Math.max(...vertical.map(Math.abs))).toBeGreaterThan(1);
  });

  it('bends smoothly, by its standard deviation at the corners of the grid', () => {
    const corners = draws.flatMap((index) => {
      const image = distorted(plane, { bend: 0.5 }, index);
      // Grid points 1 and 2 of 0..3 lie at pixels 9 and 18.
      return [9, 18].flatMap((y) => [9, 18].map((x) => (image[y * SIZE + x] ?? NaN) - (plane[y * SIZE + x] ?? NaN)));
    });
    const deviation = Math.sqrt(corners.reduce((sum, change) => sum + change ** 2, 0) / corners.length);
    expect(deviation / (5 * 0.5)).toBeGreaterThan(0.9);
    expect(deviation / (5 * 0.5)).toBeLessThan(1.1);
  });

  it('brings in black from beyond the edge', () => {
    const white = new Uint8Array(SIZE * SIZE).fill(255);
    const image = distorted(white, { shift: 4 });
    expect(Math.min(...image)).toBe(0);
    expect(Math.max(...image)).toBeCloseTo(255, 3);
  });
});
