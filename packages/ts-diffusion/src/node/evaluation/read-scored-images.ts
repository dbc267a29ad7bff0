import { existsSync, readdirSync, statSync } from 'node:fs';
import { createDataset, type Split } from '../../data/dataset.js';
import { decodeIdx } from '../../data/idx.js';
import { imagesOfDataset, scoredImages, type ScoredImages } from '../../evaluation/scored-images.js';
import { DataError } from '../../utils/errors.js';
import { loadDirectory } from '../data/directory.js';
import { readDataFile } from '../data/idx-file.js';
import { readImageFolder } from '../data/image-folder.js';

/**
 * Reads images from a folder of PNG files (named INDEX-LABEL.png, they have labels), a folder with a pair of IDX files, or an
 * IDX file of images with its labels beside it, if there are any.
 *
 * @param split which pair of a folder with both is taken
 * @throws DataError where there are none, or a file is damaged or of another size than the others
 */
export async function readScoredImages(path: string, split: Split): Promise<ScoredImages> {
  if (!existsSync(path)) throw new DataError(`${path}: no such file or folder of images.`);
  if (!statSync(path).isDirectory()) return readIdxFile(path);
  const names = readdirSync(path);
  if (names.some((name) => /images.*idx3/i.test(name))) {
    const others: Split = split === 'test' ? 'train' : 'test';
    const wanted = names.some((name) => isOfSplit(name, split)) ? split : others;
    return imagesOfDataset(await loadDirectory(path, wanted));
  }
  const folder = await readImageFolder(path);
  const labels = folder.files.map((file) => /-(\d+)\.png$/i.exec(file)?.[1]);
  const isLabelled = labels.every((label) => label !== undefined);
  return scoredImages(folder.images, folder, isLabelled ? labels.map(Number) : null, path);
}

const isOfSplit = (name: string, split: Split): boolean =>
  /images.*idx3/i.test(name) && (split === 'test') === (!/train/i.test(name) && /t10k|test/i.test(name));

async function readIdxFile(path: string): Promise<ScoredImages> {
  const images = decodeIdx(await readDataFile(path), path, 3);
  const labelsPath = path.replace(/images([^/\\]*)idx3/i, 'labels$1idx1');
  if (labelsPath !== path && existsSync(labelsPath)) {
    const labels = decodeIdx(await readDataFile(labelsPath), labelsPath, 1);
    return imagesOfDataset(createDataset(images, labels, path));
  }
  const [, height = 0, width = 0] = images.shape;
  return scoredImages(images.data, { height, width }, null, path);
}
