import { fileURLToPath } from 'node:url';
import type { Dataset } from '../../data/dataset.js';
import { decodeEmbeddedDigits } from '../../data/embedded.js';
import { shippedDigitFiles } from '../../shipped/digits.js';
import { readDataFile } from './idx-file.js';
import { count, signal as abortSignal, signature } from '../../utils/arguments.js';

const loadEmbeddedDigitsArguments = signature('loadEmbeddedDigits', { classes: count, signal: abortSignal.optional() });

/**
 * The first 10,000 training digits of MNIST, which come with the package. They are sorted by class: all zeros first, then all
 * ones, and so on; within a class they are in the order of the training set.
 * @throws DataError where `classes` is below 10, the signal's reason once it is aborted
 */
export async function loadEmbeddedDigits(classes = 10, signal?: AbortSignal): Promise<Dataset> {
  loadEmbeddedDigitsArguments({ classes, signal });
  signal?.throwIfAborted();
  const { images, labels } = shippedDigitFiles;
  const [imageBytes, labelBytes] = await Promise.all([images, labels].map((url) => readDataFile(fileURLToPath(url))));
  return decodeEmbeddedDigits(imageBytes as Uint8Array, labelBytes as Uint8Array, classes);
}
