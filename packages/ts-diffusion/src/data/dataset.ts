import { DataError } from '../utils/errors.js';
import { sha256Hex } from '#platform/sha256.js';
import { encodeIdxHeader, type IdxArray } from './idx.js';
import { text, positiveCount, numbers, options, signature } from '../utils/arguments.js';
import { idxArray } from '../utils/argument-shapes.js';

/** Which part of a data set: the one to train on, or the held-out one. */
export type Split = 'train' | 'test';

/** Labelled grayscale images. */
export interface Dataset {
  /** [count, height, width], 0..255. */
  readonly images: Uint8Array;
  /** [count], 0..classes-1. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  /** Where the images come from, for people. */
  readonly source: string;
  /** SHA-256 of the images as an uncompressed IDX file followed by the labels as one: the same whatever the source. */
  readonly sha256: string;
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
});

/**
 * Joins images and labels.
 * @param images [N, height, width]
 * @param labels [N]
 * @param source where they come from, used in errors too
 * @param classes number of classes; without it, the largest label + 1
 * @throws DataError where the counts differ or a label is out of range
 */
export function createDataset(images: IdxArray, labels: IdxArray, source: string, classes?: number): Dataset {
  createDatasetArguments({ images, labels, source, classes });
  const [count, height, width] = images.shape as [number, number, number];
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
    classes: classes ?? largest + 1,
    source,
    sha256: sha256Hex(...[images, labels].flatMap(({ shape, data }) => [encodeIdxHeader(shape), data])),
  };
}
