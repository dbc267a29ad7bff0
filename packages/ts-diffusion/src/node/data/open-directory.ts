import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Split, TrainingImages } from '../../data/dataset.js';
import { DataError } from '../../utils/errors.js';
import { isCifarFile, readCifar } from './cifar.js';
import { isImagesFile, loadDirectory } from './directory.js';
import { readDataFile } from './idx-file.js';
import { listFiles } from './list-files.js';
import { decodeNpz } from './npz.js';
import { isParquetName, parquetSource } from './parquet-pictures.js';
import { filesBelow, mayHoldPictures } from './picture-folders.js';
import { readPictures, readSource, type ReadPicturesOptions } from './pictures.js';
import { isMetadataName } from './picture-metadata.js';
import { resizedImages } from './resized-images.js';

/**
 * Opens the data set at a path: a folder with IDX files, with CIFAR's binary files, with one .npz file, with Parquet files or
 * with pictures, in this order; an .npz or Parquet file; or one of CIFAR's.
 *
 * @param classes number of classes that are expected; without it, whatever there are
 * @returns images as `options` want them; IDX files without wishes as they are
 * @throws DataError where there is none of these
 */
export async function openDirectory(
  path: string,
  options: ReadPicturesOptions,
  classes?: number,
): Promise<TrainingImages> {
  const { split } = options;
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isFile() === true && isParquetName(path)) {
    return checkClasses(
      await readSource(await parquetSource(dirname(path), [basename(path)], options), options),
      classes,
    );
  }
  if (kind?.isFile() === true) return checkClasses(await resizedImages(await openFile(path, split), options), classes);

  const names = await listFiles(path);
  if (names.some(isImagesFile)) return await resizedImages(await loadDirectory(path, split, classes), options);
  if (names.some(isCifarFile))
    return checkClasses(await resizedImages(await readCifar(path, names, split), options), classes);
  const archives = names.filter(isNpz);
  const [archive, another] = archives;
  if (another !== undefined) {
    throw new DataError(`${path} holds ${archives.length} .npz files (${archives.join(', ')}); name one of them`);
  }
  if (archive !== undefined) {
    return checkClasses(await resizedImages(await openFile(join(path, archive), split), options), classes);
  }
  const tables = (await filesBelow(path, '')).filter((name) => isParquetName(name) && !isMetadataName(name));
  if (tables.length > 0) {
    return checkClasses(await readSource(await parquetSource(path, tables, options), options), classes);
  }
  if (!(await mayHoldPictures(path))) return await loadDirectory(path, split, classes);
  return checkClasses(await readPictures(path, options), classes);
}

const isNpz = (name: string): boolean => /\.npz$/i.test(name);

async function openFile(path: string, split: Split) {
  if (isNpz(path)) return decodeNpz(await readDataFile(path), path, split);
  if (isCifarFile(path)) return await readCifar(dirname(path), [basename(path)], split);
  throw new DataError(
    `${path} is a file of no known data set; expected an .npz or .parquet file, one of CIFAR's .bin files, or a folder of pictures or IDX files`,
  );
}

function checkClasses(images: TrainingImages, classes: number | undefined): TrainingImages {
  if (classes === undefined || classes === images.classes) return images;
  throw new DataError(`${images.source} has images of ${images.classes} classes; expected ${classes}`);
}
