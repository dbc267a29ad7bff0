import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, MissingSplitError, UserError } from '../../utils/errors.js';
import { sha256Hex } from '../platform/sha256.js';
import { cacheFolder } from './cache-folder.js';
import { createDataset, inMemory, type Dataset, type TrainingImages } from '../../data/dataset.js';
import type { LoadDatasetOptions } from '../../data/load-dataset-options.js';
import { download } from './download.js';
import { EMBEDDED } from '../../data/embedded.js';
import { loadEmbeddedDigits } from './embedded.js';
import { decompressed, readDataFile } from './idx-file.js';
import { decodeIdx, type IdxArray } from '../../data/idx.js';
import { openDirectory } from './open-directory.js';
import { mnist, type RemoteDataset, type RemoteFile } from '../../data/mnist.js';
import { signature } from '../../utils/arguments.js';
import { isHubAddress } from '../hub/hub-address.js';
import { openHubImages } from '../hub/hub-images.js';
import { loadDatasetOptions } from '../../utils/argument-shapes.js';

const loadDatasetArguments = signature('loadDataset', { options: loadDatasetOptions });
const openImagesArguments = signature('openImages', { options: loadDatasetOptions });

/**
 * Loads a data set into memory, as `openImages` finds it.
 *
 * @throws as `openImages`
 */
export async function loadDataset(options: LoadDatasetOptions): Promise<Dataset> {
  loadDatasetArguments({ options });
  return inMemory(await openImages(options));
}

/**
 * Opens a data set from the first of: `directory`; the folder named by DIFFUSION_DATA_DIR; the cache (DIFFUSION_CACHE_DIR,
 * default ~/.cache/ts-diffusion); a download into the cache, SHA-256 checked; the 10,000 training digits that come with the package,
 * saying so. The embedded digits have no test split: held-out digits come from the full set or not at all.
 *
 * @returns pictures stay in a file of the cache; other images are in memory
 * @throws DataError where a named folder is not usable, or the test split is not available
 */
export async function openImages(options: LoadDatasetOptions): Promise<TrainingImages> {
  openImagesArguments({ options });
  const { split, classes, environment = process.env, remote = mnist } = options;
  options.signal?.throwIfAborted();
  const directory = options.directory ?? (environment['DIFFUSION_DATA_DIR'] || undefined);
  if (directory === EMBEDDED) {
    if (split === 'train') return loadEmbeddedDigits(classes, options.signal);
    throw new MissingSplitError(
      `the ${EMBEDDED} digits have no ${split} split; give a folder with that split, or no folder`,
    );
  }
  if (directory !== undefined) {
    const { pictures, onMessage, onFiles, onPictures: onProgress, signal } = options;
    const wishes = { split, ...pictures, cache: cacheFolder(environment), onMessage, onFiles, onProgress, signal };
    if (isHubAddress(directory)) return await openHubImages(directory, options, wishes, classes);
    return await openDirectory(directory, wishes, classes);
  }

  if (split === 'validation')
    throw new MissingSplitError(`${remote.name} has no validation split; hold out training images`);
  const folder = join(cacheFolder(environment), remote.name.toLowerCase());
  const cached = await loadCached(folder, { ...options, split }, remote);
  const loaded =
    cached ?? (options.offline === true ? 'offline' : await downloadSplit(folder, { ...options, split }, remote));
  if (typeof loaded !== 'string') {
    const source = `${remote.name} (${split} split) in ${folder}`;
    return createDataset(loaded.images, loaded.labels, source, classes ?? remote.classes);
  }

  const advice = `connect to the network once, or set DIFFUSION_DATA_DIR to a folder with the ${remote.name} files`;
  if (split === 'test') {
    throw new DataError(
      `test digits need the full ${remote.name} set (${loaded}), since the embedded digits have no test split; ${advice}`,
    );
  }
  const embedded = await loadEmbeddedDigits(classes, options.signal);
  options.onMessage?.(`using ${embedded.source}: ${loaded}. For the full ${remote.name} set, ${advice}`);
  return embedded;
}

/** As `LoadDatasetOptions`, of a split that can be downloaded. */
type RemoteOptions = LoadDatasetOptions & { readonly split: keyof RemoteDataset['files'] };

interface IdxPair {
  readonly images: IdxArray;
  readonly labels: IdxArray;
}

/** The split from the cache, or undefined where it is not there or not intact. */
async function loadCached(folder: string, options: RemoteOptions, remote: RemoteDataset): Promise<IdxPair | undefined> {
  const { images, labels } = remote.files[options.split];
  if (![images, labels].every(({ name }) => existsSync(join(folder, name)))) return undefined;
  const read = async (file: RemoteFile, rank: 1 | 3): Promise<IdxArray> => {
    const path = join(folder, file.name);
    return verified(await readDataFile(path), file, rank);
  };
  try {
    return { images: await read(images, 3), labels: await read(labels, 1) };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    options.onMessage?.(`the cached data cannot be used: ${error.message}`);
    return undefined;
  }
}

/** The split from the network by way of the cache, or why there is none. */
async function downloadSplit(folder: string, options: RemoteOptions, remote: RemoteDataset): Promise<IdxPair | string> {
  const { images, labels } = remote.files[options.split];
  options.onMessage?.(`downloading ${remote.name} (${options.split} split) to ${folder}`);
  const fetchFile = (file: RemoteFile, rank: 1 | 3): Promise<IdxArray> =>
    download({
      urls: remote.mirrors.map((mirror) => mirror + file.name),
      path: join(folder, file.name),
      accept: async (path) => verified(await decompressed(await readFile(path), file.name), file, rank),
      onProgress: options.onProgress,
      signal: options.signal,
      connectTimeout: options.connectTimeout,
      stallTimeout: options.stallTimeout,
      retryDelay: options.retryDelay,
    });
  try {
    // The small file first: where there is no network, one failure tells.
    const labelsArray = await fetchFile(labels, 1);
    return { images: await fetchFile(images, 3), labels: labelsArray };
  } catch (error) {
    if (!(error instanceof UserError) || options.signal?.aborted === true) throw error;
    return error.message;
  }
}

function verified(bytes: Uint8Array, file: RemoteFile, rank: 1 | 3): IdxArray {
  const sha256 = sha256Hex(bytes);
  if (sha256 !== file.sha256) {
    throw new DataError(`${file.name} has SHA-256 ${sha256} when uncompressed; expected ${file.sha256}`);
  }
  return decodeIdx(bytes, file.name, rank);
}
