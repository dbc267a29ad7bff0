import { join, posix } from 'node:path';
import type { TrainingImages } from '../../data/dataset.js';
import { DataError } from '../../utils/errors.js';
import { firstOf } from '../data/describe-broken.js';
import { openDirectory } from '../data/open-directory.js';
import { folderContents } from '../data/picture-folders.js';
import type { ReadPicturesOptions } from '../data/pictures.js';
import { downloadRepository, type DownloadRepositoryOptions } from './download-repository.js';

/** Files that `openDirectory` reads. */
const readable =
  /\.(?:parquet|png|jpe?g|webp|gif|jsonl|csv|npz|bin)$|batches\.meta\.txt$|fine_label_names\.txt$|idx[134]-?ubyte(?:\.gz)?$/i;
/** Of these, files that hold images. */
const holdsImages = /\.(?:parquet|png|jpe?g|webp|gif|npz)$|_batch(?:_\d+)?\.bin$|(?:train|test)\.bin$|images.*idx[34]/i;

/**
 * Opens a data set of the Hub, downloading what is not in the cache (`downloadRepository`); the files are read as `openDirectory` reads
 * a folder.
 *
 * @returns images whose source is the address with the commit
 * @throws as `downloadRepository` and `openDirectory`; DataError where the repository has no images
 */
export async function openHubImages(
  address: string,
  downloading: Omit<DownloadRepositoryOptions, 'kind' | 'wanted'>,
  reading: ReadPicturesOptions,
  classes: number | undefined,
): Promise<TrainingImages> {
  const wanted = (path: string): boolean => readable.test(path) && !posix.basename(path).startsWith('.');
  const { folder, address: source } = await downloadRepository(address, {
    ...downloading,
    kind: 'dataset',
    wanted,
    check: (below) => {
      if (below.some((path) => holdsImages.test(path))) return;
      const files = below.length === 0 ? 'no files' : `files: ${firstOf(below)}`;
      throw new DataError(`${address} holds no images (${files}); expected Parquet files, pictures, .npz or IDX files`);
    },
  });
  const images = await openDirectory(await withoutWrapper(folder), reading, classes);
  return { ...images, source };
}

/** Pictures often lie in a folder `data` of their own, beside nothing that is downloaded. */
async function withoutWrapper(folder: string): Promise<string> {
  const { files, folders } = await folderContents(folder, '');
  const [only, another] = folders;
  return files.length === 0 && only === 'data' && another === undefined ? join(folder, only) : folder;
}
