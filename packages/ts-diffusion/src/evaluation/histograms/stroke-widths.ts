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
  const depth = distancesToGround(image, width);
  const height = image.length / width;
  const depthAt = (x: number, y: number): number =>
    x >= 0 && y >= 0 && x < width && y < height ? (depth[y * width + x] as number) : 0;
  let [sum, ridges] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const d = depthAt(x, y);
      if (d === 0 || neighbours.some(([dx, dy]) => depthAt(x + dx, y + dy) > d)) continue;
      sum += 2 * d - 1;
      ridges += 1;
    }
  }
  return ridges === 0 ? null : sum / ridges;
}

const neighbours = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy] as const));

/**
 * Of each pixel the distance from its centre to the nearest centre of one without ink, 0 where that is itself: first along columns, then
 * along rows, sqrt(min over x' of (x - x')² + column(x')²) (Rosenfeld & Pfaltz 1968; Meijster et al. 2000).
 */
function distancesToGround(image: Uint8Array, width: number): Float64Array {
  const height = image.length / width;
  const column = new Float64Array(image.length);
  const columnAt = (x: number, y: number): number =>
    x >= 0 && y >= 0 && x < width && y < height ? (column[y * width + x] as number) : 0;
  for (let i = 0; i < image.length; i++) {
    if ((image[i] as number) >= INK) column[i] = columnAt(i % width, Math.floor(i / width) - 1) + 1;
  }
  for (let i = image.length - 1; i >= 0; i--) {
    column[i] = Math.min(column[i] as number, columnAt(i % width, Math.floor(i / width) + 1) + 1);
  }
  return column.map((vertical, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let nearest = vertical;
    // A column r pixels away is nowhere nearer than r.
    for (let r = 1; r < nearest; r++) {
      nearest = Math.min(nearest, Math.hypot(r, columnAt(x - r, y)), Math.hypot(r, columnAt(x + r, y)));
    }
    return nearest;
  });
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
