import { decodeIdx, type IdxArray } from 'ts-diffusion/data';
import { fetchGzipped } from './fetch-gzipped.js';

/** Labelled digits as they are served with the page. */
export interface ServedDigits {
  /** [N, 28, 28] */
  readonly images: IdxArray;
  /** [N] */
  readonly labels: IdxArray;
}

/**
 * Digits that are served with the page.
 *
 * @param name `digits`, all 10,000 to train on, or `examples`, a few of each to show
 * @param base address of the page
 */
export async function fetchDigits(name: 'digits' | 'examples', base: string): Promise<ServedDigits> {
  const read = async (kind: string, rank: 1 | 3): Promise<IdxArray> => {
    const file = `${name}-${kind}-idx${rank}-ubyte.gz`;
    return decodeIdx(await fetchGzipped(new URL(`data/${file}`, base).href), file, rank);
  };
  const [images, labels] = await Promise.all([read('images', 3), read('labels', 1)]);
  return { images, labels };
}

/** Only the digits of these classes. */
export function onlyClasses({ images, labels }: ServedDigits, chosen: readonly number[]): ServedDigits {
  const [, height = 0, width = 0] = images.shape;
  const pixels = height * width;
  const kept = Array.from(labels.data.keys()).filter((i) => chosen.includes(labels.data[i] ?? -1));
  const data = new Uint8Array(kept.length * pixels);
  kept.forEach((image, i) => {
    data.set(images.data.subarray(image * pixels, (image + 1) * pixels), i * pixels);
  });
  return {
    images: { shape: [kept.length, height, width], data },
    labels: { shape: [kept.length], data: Uint8Array.from(kept, (i) => labels.data[i] ?? 0) },
  };
}
