import { createDataset, type Dataset, type Split } from '../../data/dataset.js';
import { decodeEmbeddedDigits, EMBEDDED } from '../../data/embedded.js';
import { decodeIdx } from '../../data/idx.js';
import { shippedDigitFiles } from '../../shipped/digits.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { fetchDataFile } from './fetch-data-file.js';
import { count, signal as abortSignal, signature } from '../../utils/arguments.js';
import { loadDatasetOptions } from '../../utils/argument-shapes.js';

/** Which data set is loaded, and from where. */
export interface LoadDatasetOptions {
  readonly split: Split;
  /** Address of a folder with the gzipped IDX files of MNIST, under their names; default: the embedded digits. */
  readonly directory?: string | undefined;
  /** Number of classes the labels must be of; without it, the largest label of a directory + 1. */
  readonly classes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with what the user should know: that the embedded digits are in use. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

const loadDatasetArguments = signature('loadDataset', { options: loadDatasetOptions });

/**
 * Loads a data set from the address of a folder, or the 10,000 training digits that come with the package. The embedded digits
 * have no test split.
 * @throws DataError where a file cannot be had or is damaged, or the test split is not to be had
 */
export async function loadDataset(options: LoadDatasetOptions): Promise<Dataset> {
  loadDatasetArguments({ options });
  const { split, directory, classes, signal, onMessage } = options;
  signal?.throwIfAborted();
  if (directory !== undefined && directory !== EMBEDDED) return loadAddress(directory, split, classes, signal);
  if (split !== 'train') {
    throw new DataError(`the embedded digits have no ${split} split; give the URL of a folder with the MNIST files`);
  }
  const digits = await loadEmbeddedDigits(classes, signal);
  if (directory === undefined) onMessage?.(`using ${digits.source}; give a directory to use other data`);
  return digits;
}

const loadEmbeddedDigitsArguments = signature('loadEmbeddedDigits', { classes: count, signal: abortSignal.optional() });

/**
 * Downloads the first 10,000 training digits of MNIST, which come with the package, sorted by class.
 * @throws DataError where they cannot be had, or `classes` is below 10
 */
export async function loadEmbeddedDigits(classes = 10, signal?: AbortSignal): Promise<Dataset> {
  loadEmbeddedDigitsArguments({ classes, signal });
  const { images, labels } = shippedDigitFiles;
  const [imageBytes, labelBytes] = await Promise.all([images, labels].map((url) => fetchDataFile(url, { signal })));
  return decodeEmbeddedDigits(imageBytes as Uint8Array, labelBytes as Uint8Array, classes);
}

async function loadAddress(
  directory: string,
  split: Split,
  classes: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Dataset> {
  if (split === 'validation') throw new MissingSplitError(`${directory} has no validation split; MNIST has none`);
  const name = split === 'train' ? 'train' : 't10k';
  const address = (file: string): string => `${directory.replace(/\/$/, '')}/${name}-${file}.gz`;
  const [images, labels] = [address('images-idx3-ubyte'), address('labels-idx1-ubyte')];
  const [imageBytes, labelBytes] = await Promise.all([images, labels].map((url) => fetchDataFile(url, { signal })));
  return createDataset(
    decodeIdx(imageBytes as Uint8Array, images, 3),
    decodeIdx(labelBytes as Uint8Array, labels, 1),
    `${images} and ${labels}`,
    classes,
  );
}
