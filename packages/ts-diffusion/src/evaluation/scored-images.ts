import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readDataFile } from '../node/data/idx-file.js';
import { decodeIdx } from '../data/idx.js';
import { createDataset, type Dataset, type Split } from '../data/dataset.js';
import { isImagesFile, loadDirectory, splitOf } from '../node/data/directory.js';
import { readImageFolder } from '../node/data/image-folder.js';
import { listFiles } from '../node/data/list-files.js';
import { onBlack } from '../formats/picture.js';
import { DataError, EvaluationError } from '../utils/errors.js';
import { sha256Hex } from '../node/platform/sha256.js';
import type { ImageSetIdentity } from './receipt.js';

/** Grayscale images to be scored, or to be scored against. */
export interface ScoredImages extends ImageSetIdentity {
  /** [count, height, width], 0..255; of coloured images their luma. */
  readonly images: Uint8Array;
  /** [count, height, width, 3], 0..255, where the images are coloured: what FID is computed from, as pytorch-fid does. */
  readonly colours?: Uint8Array;
  /** What each image was made for [count], 0..classes-1; null where nobody knows. */
  readonly labels: Int32Array | null;
}

/**
 * Images with their identity.
 * @param labels absent or with negative ones: unknown
 * @param colours [count, height, width, 3], of coloured images
 */
export function scoredImages(
  images: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
  labels: ArrayLike<number> | null,
  source: string,
  colours?: Uint8Array,
): ScoredImages {
  const known = labels === null || Array.from(labels).some((label) => label < 0) ? null : Int32Array.from(labels);
  const count = images.length / (height * width);
  const sha256 = sha256Hex(colours ?? images);
  return { images, ...(colours && { colours }), labels: known, count, height, width, source, sha256 };
}

/** The images of a data set. */
export function imagesOfDataset(dataset: Dataset): ScoredImages {
  return scoredImages(dataset.images, dataset, dataset.labels, dataset.source);
}

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
  onMessage?.(`${path}: coloured images: FID is computed from RGB, all other scores from their luma.`);
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

/** @throws EvaluationError for images that seem to hold 0..1 instead of 0..255 */
export function checkRange({ images, source }: ScoredImages): void {
  const largest = images.reduce((a, b) => Math.max(a, b), 0);
  if (largest > 1) return;
  throw new EvaluationError(
    `${source}: no pixel is brighter than ${largest} of 255. Images in 0..1 must be multiplied by 255 before they are saved.`,
  );
}

/** The mean of all pixels, 0..255. */
export function meanBrightness({ images }: ScoredImages): number {
  let sum = 0;
  for (let i = 0; i < images.length; i++) sum += images[i] as number;
  return sum / images.length;
}

/** `count` of the images, evenly spread over the set; all of them where there are no more. */
export function spreadSubset(set: ScoredImages, count: number): ScoredImages {
  if (count >= set.count) return set;
  return selectImages(set, spreadRows(set.count, count), `${count} of ${set.source}`);
}

/** The images of the given rows. */
export function selectImages(set: ScoredImages, rows: readonly number[], source: string): ScoredImages {
  const pixels = set.height * set.width;
  const labels = set.labels && rows.map((row) => (set.labels as Int32Array)[row] as number);
  const colours = set.colours && pickRows(set.colours, rows, 3 * pixels);
  return scoredImages(pickRows(set.images, rows, pixels), set, labels, source, colours);
}

function pickRows(values: Uint8Array, rows: readonly number[], length: number): Uint8Array {
  const picked = new Uint8Array(rows.length * length);
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * length, (row + 1) * length), i * length);
  });
  return picked;
}

/** `count` of `total` rows, evenly spread: data sets may be sorted by class. */
export function spreadRows(total: number, count: number): number[] {
  return Array.from({ length: Math.min(count, total) }, (_, i) => Math.floor((i * total) / Math.min(count, total)));
}

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
