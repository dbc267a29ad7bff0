import { DataError } from '../utils/errors.js';
import { sha256Hex } from '#platform/sha256.js';
import { encodeIdxHeader, idxImageShape, idxImageSize, type IdxArray } from './idx.js';
import { sizeOf } from '../utils/shape.js';
import { bytes, count, listOf, numbers, options, positiveCount, signature, text } from '../utils/arguments.js';
import { idxArray, imagesOfSize } from '../utils/argument-shapes.js';

/**
 * Which part of a data set: the one to train on, one that is held out to watch the training and make choices, or one that is held
 * out for the final scores.
 */
export type Split = 'train' | 'validation' | 'test';

/** Images kept elsewhere than in memory, read one at a time. */
export interface StoredImages {
  /**
   * Puts an image into `out`, [channels, height, width], 0..255.
   *
   * @throws DataError where it cannot be read any more
   */
  read(index: number, out: Uint8Array): void;
  /** Gives back what reading takes; nothing is read after that. */
  close(): void;
}

/** Labelled images to train on: a `Dataset`, or one that is larger than memory should hold. */
export interface TrainingImages extends Omit<Dataset, 'images'> {
  /** [count, channels, height, width], 0..255, or where they are kept. */
  readonly images: Uint8Array | StoredImages;
}

/** Labelled images in memory. */
export interface Dataset {
  /** Planar, [count, channels, height, width], 0..255. */
  readonly images: Uint8Array;
  /** [count], 0..classes-1. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (gray, the default) to 4: gray and alpha, RGB, RGB and alpha. */
  readonly channels?: number | undefined;
  readonly classes: number;
  /** What the classes are called, by label, where they have names. */
  readonly classNames?: readonly string[] | undefined;
  /** Where the images come from, for people. */
  readonly source: string;
  /**
   * SHA-256 of the images as an uncompressed IDX file (without a dimension for channels where there is one) followed by the
   * labels as one: the same whatever the source.
   */
  readonly sha256: string;
}

const imageLengthArguments = signature('imageLength', {
  image: options({ channels: positiveCount.optional(), height: positiveCount, width: positiveCount }),
});

/** Values of an image: C · H · W. */
export function imageLength(image: Pick<Dataset, 'channels' | 'height' | 'width'>): number {
  imageLengthArguments({ image });
  const { channels = 1, height, width } = image;
  return channels * height * width;
}

const imageAtArguments = signature('imageAt', { dataset: imagesOfSize, index: count, buffer: bytes });

/** The image of an index, [channels, height, width]: a view, or read into `buffer`. */
export function imageAt(dataset: TrainingImages, index: number, buffer: Uint8Array): Uint8Array {
  imageAtArguments({ dataset, index, buffer });
  const { images } = dataset;
  const length = imageLength(dataset);
  if (images instanceof Uint8Array) return images.subarray(index * length, (index + 1) * length);
  images.read(index, buffer);
  return buffer;
}

const closeImagesArguments = signature('closeImages', { dataset: imagesOfSize });

/** Gives back what images kept elsewhere take. */
export function closeImages(dataset: TrainingImages): void {
  closeImagesArguments({ dataset });
  const { images } = dataset;
  if (!(images instanceof Uint8Array)) images.close();
}

const viewOfArguments = signature('viewOf', { dataset: imagesOfSize, rows: numbers, source: text });

/**
 * Some images of a data set without a copy of them: they are read from it, and are gone when it is closed. `sha256` stays that of the
 * whole data set.
 *
 * @param rows which, in this order, each from 0 to below `dataset.count`
 * @param source what they are, for people
 * @throws DataError for a row that the data set does not have
 */
export function viewOf(dataset: TrainingImages, rows: ArrayLike<number>, source: string): TrainingImages {
  viewOfArguments({ dataset, rows, source });
  checkRows(dataset, rows);
  const chosen = Uint32Array.from(rows);
  return {
    ...dataset,
    images: {
      read: (index, out) => {
        const image = imageAt(dataset, chosen[index] as number, out);
        if (image !== out) out.set(image);
      },
      close: () => undefined,
    },
    labels: Uint8Array.from(chosen, (row) => dataset.labels[row] as number),
    count: chosen.length,
    source,
  };
}

function checkRows({ source, count }: TrainingImages, rows: ArrayLike<number>): void {
  const missing = Array.from(rows).find((row) => !Number.isInteger(row) || row < 0 || row >= count);
  if (missing !== undefined) {
    throw new DataError(`${source}: there is no row ${missing}; it has ${count} images, from row 0 on`);
  }
}

const inMemoryArguments = signature('inMemory', { dataset: imagesOfSize });

/** The same with all images in memory; those kept elsewhere are read and closed. */
export function inMemory(dataset: TrainingImages): Dataset {
  inMemoryArguments({ dataset });
  const { images } = dataset;
  if (images instanceof Uint8Array) return { ...dataset, images };
  const length = imageLength(dataset);
  const read = new Uint8Array(dataset.count * length);
  try {
    for (let i = 0; i < dataset.count; i++) images.read(i, read.subarray(i * length, (i + 1) * length));
  } finally {
    images.close();
  }
  return { ...dataset, images: read };
}

const seenClassesArguments = signature('seenClasses', { dataset: options({ labels: numbers }) });

/** The labels that occur, ascending: a network of `classes` classes has learnt no others. */
export function seenClasses(dataset: Pick<Dataset, 'labels'>): number[] {
  seenClassesArguments({ dataset });
  const { labels } = dataset;
  return [...new Set(labels)].sort((a, b) => a - b);
}

const createDatasetArguments = signature('createDataset', {
  images: idxArray,
  labels: idxArray,
  source: text,
  classes: positiveCount.optional(),
  classNames: listOf(text, 'an array of names').optional(),
});

/**
 * Joins images and labels.
 * @param images [N, height, width], or [N, channels, height, width]
 * @param labels [N]
 * @param source where they come from, used in errors too
 * @param classes number of classes; without it, the largest label + 1
 * @param classNames what they are called, by label
 * @throws DataError where the images do not fill their shape, the counts differ or a label is out of range
 */
export function createDataset(
  images: IdxArray,
  labels: IdxArray,
  source: string,
  classes?: number,
  classNames?: readonly string[],
): Dataset {
  createDatasetArguments({ images, labels, source, classes, classNames });
  const { shape } = images;
  if (shape.length !== 3 && shape.length !== 4) {
    throw new DataError(
      `${source}: images of shape [${shape.join(', ')}]; expected [N, height, width] or [N, channels, height, width]`,
    );
  }
  if (sizeOf(shape) !== images.data.length) {
    throw new DataError(
      `${source}: images of shape [${shape.join(', ')}] are ${sizeOf(shape)} bytes, but there are ${images.data.length}`,
    );
  }
  const [count = 0] = shape;
  const [channels, height, width] = idxImageSize(shape);
  if (labels.data.length !== count) {
    throw new DataError(
      `${source}: ${count} images but ${labels.data.length} labels; expected the same number: do both files belong together?`,
    );
  }
  const largest = labels.data.reduce((a, b) => Math.max(a, b), 0);
  if (classes !== undefined && largest >= classes) {
    const index = labels.data.findIndex((label) => label >= classes);
    throw new DataError(
      `${source}: label ${labels.data[index] as number} of image ${index} is out of range; expected 0..${classes - 1} for ${classes} classes`,
    );
  }
  return {
    images: images.data,
    labels: labels.data,
    count,
    height,
    width,
    ...(channels === 1 ? {} : { channels }),
    ...(classNames === undefined ? {} : { classNames }),
    classes: classes ?? largest + 1,
    source,
    sha256: sha256Hex(
      encodeIdxHeader(idxImageShape(count, channels, height, width)),
      images.data,
      encodeIdxHeader([count]),
      labels.data,
    ),
  };
}

const imagesAtArguments = signature('imagesAt', { dataset: imagesOfSize, rows: numbers, source: text });

/**
 * Some images of a data set, with their labels and all its classes.
 *
 * @param rows which, in this order, each from 0 to below `dataset.count`
 * @param source what they are, for people
 * @throws DataError for a row that the data set does not have
 */
export function imagesAt(dataset: Dataset, rows: ArrayLike<number>, source: string): Dataset {
  imagesAtArguments({ dataset, rows, source });
  checkRows(dataset, rows);
  const { images, labels, channels = 1, height, width, classes, classNames } = dataset;
  const length = imageLength(dataset);
  const data = new Uint8Array(rows.length * length);
  const chosen = Array.from(rows);
  chosen.forEach((row, i) => {
    data.set(images.subarray(row * length, (row + 1) * length), i * length);
  });
  return createDataset(
    { shape: [chosen.length, channels, height, width], data },
    { shape: [chosen.length], data: Uint8Array.from(chosen, (row) => labels[row] as number) },
    source,
    classes,
    classNames,
  );
}
