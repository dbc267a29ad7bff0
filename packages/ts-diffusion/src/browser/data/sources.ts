import { createDataset, type Dataset } from '../../data/dataset.js';
import { decodeEmbeddedDigits, EMBEDDED } from '../../data/embedded.js';
import { decodeIdx, decodeIdxImages } from '../../data/idx.js';
import type { LoadDatasetOptions } from '../../data/load-dataset-options.js';
import { shippedDigitFiles } from '../../shipped/digits.js';
import { ConfigError, MissingSplitError } from '../../utils/errors.js';
import { fetchDataFile } from './fetch-data-file.js';
import type { BodyProgress } from '../../utils/read-body.js';
import { count, signal as abortSignal, signature } from '../../utils/arguments.js';
import { loadDatasetOptions } from '../../utils/argument-shapes.js';

const loadDatasetArguments = signature('loadDataset', { options: loadDatasetOptions });

/**
 * Loads a data set from the address of a folder, or the 10,000 training digits that come with the package. The embedded digits
 * have no test split.
 * @throws ConfigError for options of Node, DataError where a file cannot be downloaded or is damaged, or the test split is not available
 */
export async function loadDataset(options: LoadDatasetOptions): Promise<Dataset> {
  loadDatasetArguments({ options });
  refuseOptionsOfNode(options);
  const { split, directory, classes, signal, onMessage } = options;
  signal?.throwIfAborted();
  if (directory !== undefined && directory !== EMBEDDED) return loadAddress(directory, options);
  if (split !== 'train') {
    throw new MissingSplitError(
      `the embedded digits have no ${split} split; give the URL of a folder with the MNIST files`,
    );
  }
  const digits = await readEmbeddedDigits(classes, options);
  if (directory === undefined) onMessage?.(`using ${digits.source}; give a directory to use other data`);
  return digits;
}

const loadEmbeddedDigitsArguments = signature('loadEmbeddedDigits', { classes: count, signal: abortSignal.optional() });

/**
 * Downloads the first 10,000 training digits of MNIST, which come with the package, sorted by class.
 * @throws DataError where they cannot be downloaded, or `classes` is below 10; the signal's reason once it is aborted
 */
export async function loadEmbeddedDigits(classes = 10, signal?: AbortSignal): Promise<Dataset> {
  loadEmbeddedDigitsArguments({ classes, signal });
  return await readEmbeddedDigits(classes, { signal });
}

type Watching = Pick<LoadDatasetOptions, 'onProgress' | 'signal'>;

async function readEmbeddedDigits(classes: number | undefined, watching: Watching): Promise<Dataset> {
  const { images, labels } = shippedDigitFiles;
  const [imageBytes, labelBytes] = await fetchBoth(images, labels, watching);
  return decodeEmbeddedDigits(imageBytes, labelBytes, classes ?? 10);
}

/** What needs folders, a cache or an environment. `onPictures` and `onFiles` tell of pictures, of which a page reads none. */
const optionsOfNode = [
  'pictures',
  'remote',
  'environment',
  'connectTimeout',
  'stallTimeout',
  'retryDelay',
] as const satisfies readonly (keyof LoadDatasetOptions)[];

/** @throws ConfigError naming the first option that a page cannot do anything with */
function refuseOptionsOfNode(options: LoadDatasetOptions): void {
  if (options.offline === true) {
    throw new ConfigError('loadDataset: "options.offline" is true; a browser downloads even the embedded digits.');
  }
  const given = optionsOfNode.find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new ConfigError(`loadDataset: "options.${given}" is an option of Node; leave it out in a browser.`);
  }
  if (options.directory?.startsWith('hf:') === true) {
    throw new ConfigError(
      `loadDataset: "options.directory" is ${JSON.stringify(options.directory)}; only Node reads data sets of the Hub. Give the ` +
        'address of a folder with the MNIST files.',
    );
  }
}

async function loadAddress(
  directory: string,
  { split, classes, onProgress, signal }: LoadDatasetOptions,
): Promise<Dataset> {
  if (split === 'validation') throw new MissingSplitError(`${directory} has no validation split; MNIST has none`);
  const name = split === 'train' ? 'train' : 't10k';
  const address = (file: string): string => `${directory.replace(/\/$/, '')}/${name}-${file}.gz`;
  const [images, labels] = [address('images-idx3-ubyte'), address('labels-idx1-ubyte')];
  const [imageBytes, labelBytes] = await fetchBoth(images, labels, { onProgress, signal });
  return createDataset(
    decodeIdxImages(imageBytes, images),
    decodeIdx(labelBytes, labels, 1),
    `${images} and ${labels}`,
    classes,
  );
}

async function fetchBoth(
  images: string | URL,
  labels: string | URL,
  { onProgress, signal }: Watching,
): Promise<[images: Uint8Array, labels: Uint8Array]> {
  const fetchOne = (url: string | URL): Promise<Uint8Array> => {
    const file = String(url).replace(/^.*\//, '');
    const tell = ({ loaded, announced }: BodyProgress): void => {
      onProgress?.({ file, received: loaded, total: announced });
    };
    return fetchDataFile(url, { onProgress: tell, signal });
  };
  return await Promise.all([fetchOne(images), fetchOne(labels)]);
}
