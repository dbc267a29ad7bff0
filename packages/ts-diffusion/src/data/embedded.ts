import { createDataset, type Dataset } from './dataset.js';
import { decodeIdx } from './idx.js';

/** What to say in place of a folder to get the embedded digits. */
export const EMBEDDED = 'embedded';

/**
 * The embedded digits from their two IDX files, uncompressed.
 * @throws DataError where the files are damaged, or `classes` is below 10
 */
export function decodeEmbeddedDigits(images: Uint8Array, labels: Uint8Array, classes: number): Dataset {
  return createDataset(
    decodeIdx(images, 'the images of the embedded digits', 3),
    decodeIdx(labels, 'the labels of the embedded digits', 1),
    'the first 10,000 MNIST training digits (embedded in the package)',
    classes,
  );
}
