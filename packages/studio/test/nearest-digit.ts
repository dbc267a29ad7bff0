import type { Dataset } from '../../ts-diffusion/src/data/dataset.js';

const NEIGHBOURS = 5;

/** The class of an image by its nearest neighbours in a data set: a judge that shares nothing with the models. */
export function nearestDigit(image: Uint8Array, { images, labels, count, height, width }: Dataset): number {
  const pixels = height * width;
  const nearest: { distance: number; label: number }[] = [];
  for (let i = 0; i < count; i++) {
    let distance = 0;
    for (let p = 0; p < pixels; p++) distance += ((image[p] ?? 0) - (images[i * pixels + p] ?? 0)) ** 2;
    if (nearest.length === NEIGHBOURS && distance >= (nearest.at(-1)?.distance ?? 0)) continue;
    nearest.push({ distance, label: labels[i] ?? -1 });
    nearest.sort((a, b) => a.distance - b.distance);
    nearest.length = Math.min(nearest.length, NEIGHBOURS);
  }
  const votes = new Map<number, number>();
  for (const { label } of nearest) votes.set(label, (votes.get(label) ?? 0) + 1);
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? -1;
}
