import type { ScoredImages } from '../scored-images.js';

/** What is at least so bright is ink. */
const INK = 128;

/**
 * The mean stroke width of each image that has ink, in pixels: of each pixel of ink, the Euclidean distance d to the nearest pixel
 * without, and of those where d is no smaller than at the eight neighbours, the ridges of strokes, the mean of 2d − 1. Strokes of an odd
 * width are measured exactly, of an even one as the odd one below. Beyond the edge there is no ink.
 */
export function strokeWidths({ images, count, height, width }: ScoredImages): Float64Array {
  const widths: number[] = [];
  const plane = height * width;
  for (let i = 0; i < count; i++) {
    const measured = strokeWidth(images.subarray(i * plane, (i + 1) * plane), width);
    if (measured !== null) widths.push(measured);
  }
  return Float64Array.from(widths);
}

function strokeWidth(image: Uint8Array, width: number): number | null {
  const height = image.length / width;
  const isInk = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && (image[y * width + x] as number) >= INK;
  const depth = new Float64Array(image.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (isInk(x, y)) depth[y * width + x] = distanceToGround(isInk, x, y);
  }
  let [sum, ridges] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const d = depth[y * width + x] as number;
      if (d === 0) continue;
      if (neighbours.some(([dx, dy]) => isInk(x + dx, y + dy) && (depth[(y + dy) * width + x + dx] as number) > d)) {
        continue;
      }
      sum += 2 * d - 1;
      ridges += 1;
    }
  }
  return ridges === 0 ? null : sum / ridges;
}

const neighbours = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy] as const));

/** From the centre of a pixel of ink to the nearest centre of one without. */
function distanceToGround(isInk: (x: number, y: number) => boolean, x: number, y: number): number {
  let nearest = Infinity;
  // A square ring of radius r is nowhere nearer than r.
  for (let r = 1; r < nearest; r++) {
    for (let k = -r; k <= r; k++) {
      for (const [dx, dy] of [
        [k, -r],
        [k, r],
        [-r, k],
        [r, k],
      ] as const) {
        if (!isInk(x + dx, y + dy)) nearest = Math.min(nearest, Math.hypot(dx, dy));
      }
    }
  }
  return nearest;
}

/**
 * The Wasserstein distance W1 between two sets of numbers, in their unit: how far the one must be moved on average to become the other
 * (SciPy's `wasserstein_distance`).
 */
export function wassersteinDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  let [i, j, at, sum] = [0, 0, 0, 0];
  while (i < x.length && j < y.length) {
    const [nextX, nextY] = [(i + 1) / x.length, (j + 1) / y.length];
    const next = Math.min(nextX, nextY);
    sum += (next - at) * Math.abs((x[i] as number) - (y[j] as number));
    at = next;
    if (nextX <= next) i += 1;
    if (nextY <= next) j += 1;
  }
  return sum;
}
