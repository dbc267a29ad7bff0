import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createDataset, type Split } from '../../data/dataset.js';
import { decodeIdx, decodeIdxImages, idxImageSize } from '../../data/idx.js';
import { imagesOfDataset, scoredImages, scoredPlanes, type ScoredImages } from '../../evaluation/scored-images.js';
import { onBlack } from '../../formats/picture.js';
import { DataError } from '../../utils/errors.js';
import { isImagesFile, loadDirectory, splitOf } from '../data/directory.js';
import { readDataFile } from '../data/idx-file.js';
import { readImageFolder } from '../data/image-folder.js';
import { listFiles } from '../data/list-files.js';
import { callback, signature, text } from '../../utils/arguments.js';
import { split as splitShape } from '../../utils/argument-shapes.js';

const readScoredImagesArguments = signature('readScoredImages', {
  path: text,
  split: splitShape,
  onMessage: callback.optional(),
});

/**
 * Reads images from a folder of PNG, JPEG or WebP files (which have labels where they are named as `diffusion sample --format
 * png` names them: see `labelsOfNames`), a folder with a pair of IDX files, or an IDX file of images with its labels beside
 * it, if there are any.
 *
 * @param split which pair of a folder with both is taken
 * @param onMessage told what a user should know of how the files were read
 * @throws DataError where there are none, or a file is damaged or of another size than the others
 */
export async function readScoredImages(
  path: string,
  split: Split,
  onMessage?: (text: string) => void,
): Promise<ScoredImages> {
  readScoredImagesArguments({ path, split, onMessage });
  if (!existsSync(path)) throw new DataError(`${path}: no such file or folder of images.`);
  if (!statSync(path).isDirectory()) return readIdxFile(path);
  const idxNames = (await listFiles(path)).filter(isImagesFile);
  if (idxNames.length > 0) {
    const others: Split = split === 'test' ? 'train' : 'test';
    const wanted = idxNames.some((name) => splitOf(name) === split) ? split : others;
    return imagesOfDataset(await loadDirectory(path, wanted));
  }
  const folder = await readImageFolder(path, { mode: 'own', onMessage });
  const labels = labelsOfNames(folder.files);
  if (labels === null && folder.files.some((name) => /\d-\d+\.\w+$/.test(name))) {
    onMessage?.(
      `${path}: the names are not those of diffusion sample (INDEX-LABEL.png from 0 on): labels are unknown.`,
    );
  }
  if (folder.channels === 1) return scoredImages(folder.images, folder, labels, path);
  const { images: data, count, height, width } = folder;
  onMessage?.(
    `${path}: coloured images: FID is computed from RGB, pixels are compared in RGB where the real images are coloured too, ` +
      'and networks of gray images see the luma.',
  );
  const gray = onBlack({ data, width, height: count * height, channels: 3 }, 1);
  return scoredImages(gray, folder, labels, path, data);
}

/**
 * The labels in names INDEX-LABEL.png; null unless the indices are 0, 1, 2, ... each once: other programs number their files
 * `run-0-12.png`, and a counter is no label.
 */
export function labelsOfNames(names: readonly string[]): number[] | null {
  const parsed = names.map((name) => /^(\d+)-(\d+)\.\w+$/.exec(basename(name)) ?? []);
  const indices = new Set(parsed.map(([, index]) => Number(index)));
  const areCounted = indices.size === names.length && names.every((_, index) => indices.has(index));
  return areCounted ? parsed.map(([, , label]) => Number(label)) : null;
}

async function readIdxFile(path: string): Promise<ScoredImages> {
  const images = decodeIdxImages(await readDataFile(path), path);
  const labelsPath = path.replace(/images([^/\\]*)idx[34]/i, 'labels$1idx1');
  if (labelsPath !== path && existsSync(labelsPath)) {
    const labels = decodeIdx(await readDataFile(labelsPath), labelsPath, 1);
    return imagesOfDataset(createDataset(images, labels, path));
  }
  const [channels, height, width] = idxImageSize(images.shape);
  return scoredPlanes(images.data, { channels, height, width }, null, path);
}
