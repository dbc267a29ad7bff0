import { createDataset, type Dataset } from '../../../src/data/dataset.js';
import { decodeIdx } from '../../../src/data/idx.js';
import { fetchGzipped } from './fetch-bytes.js';

/**
 * Digits that are served with the page.
 *
 * @param name `digits`, all 10,000 to train on, or `examples`, a few of each to show
 * @param base address of the page
 */
export async function fetchDigits(name: 'digits' | 'examples', base: string): Promise<Dataset> {
  const read = async (kind: string, rank: 1 | 3) => {
    const file = `${name}-${kind}-idx${rank}-ubyte.gz`;
    return decodeIdx(await fetchGzipped(new URL(`data/${file}`, base).href), file, rank);
  };
  const [images, labels] = await Promise.all([read('images', 3), read('labels', 1)]);
  return createDataset(images, labels, 'the 10,000 MNIST digits served with the page', 10);
}

/** Only the images of these classes. */
export function onlyClasses(dataset: Dataset, chosen: readonly number[]): Dataset {
  if (chosen.length === dataset.classes) return dataset;
  const { images, labels, height, width, classes, source } = dataset;
  const pixels = height * width;
  const kept = Array.from(labels.keys()).filter((i) => chosen.includes(labels[i] ?? -1));
  const data = new Uint8Array(kept.length * pixels);
  kept.forEach((image, i) => {
    data.set(images.subarray(image * pixels, (image + 1) * pixels), i * pixels);
  });
  return createDataset(
    { shape: [kept.length, height, width], data },
    { shape: [kept.length], data: Uint8Array.from(kept, (i) => labels[i] ?? 0) },
    `${source}, only ${chosen.join(', ')}`,
    classes,
  );
}
