import type { ScoredImages } from '../scored-images.js';

/** The share of pixels, of all channels, that have each of the levels 0..255. */
export function greyLevels({ images, colours }: Pick<ScoredImages, 'images' | 'colours'>): Float64Array {
  const values = colours ?? images;
  const counts = new Float64Array(256);
  for (let i = 0; i < values.length; i++) {
    const level = values[i] as number;
    counts[level] = (counts[level] as number) + 1;
  }
  return counts.map((count) => count / values.length);
}

/** The total variation distance between two distributions: half the sum of absolute differences, 0 (equal) to 1 (apart). */
export function totalVariation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] as number));
  return sum / 2;
}
