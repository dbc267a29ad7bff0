import type { Dataset } from '../data/dataset.js';
import type { Span } from '../pipeline/batches.js';
import { onBlack } from '../formats/picture.js';
import type { ImageSize } from '../utils/image-grid.js';
import { interleaved, planar, type Channels } from '../utils/interleaved.js';
import { EvaluationError } from '../utils/errors.js';
import { sha256Hex } from '#platform/sha256.js';
import type { ImageSetIdentity } from './receipt.js';
import { text, bytes, numbers, signature } from '../utils/arguments.js';
import { dataset, imageSize } from '../utils/argument-shapes.js';
import { scoredImages as scoredImagesShape } from '../utils/evaluation-shapes.js';

/** Grayscale images to be scored, or to be scored against. */
export interface ScoredImages extends ImageSetIdentity {
  /** [count, height, width], 0..255; of coloured images their luma. */
  readonly images: Uint8Array;
  /** [count, height, width, 3], 0..255, where the images are coloured: what FID is computed from, as pytorch-fid does. */
  readonly colours?: Uint8Array;
  /** What each image was made for [count], 0..classes-1; null where nobody knows. */
  readonly labels: Int32Array | null;
  /** In which batches networks are shown them, where they are a part of a set that is shown in these. */
  readonly batches?: readonly Span[] | undefined;
}

/** Images in the layout of networks. */
export interface ShownImages {
  /** [count, channels, height, width], 0..255. */
  readonly images: Uint8Array;
  readonly count: number;
  /** 1 (gray) or 3 (RGB). */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const scoredImagesArguments = signature('scoredImages', {
  images: bytes,
  size: imageSize,
  labels: numbers.nullable(),
  source: text,
  colours: bytes.optional(),
});

/**
 * Images with their identity.
 * @param labels absent or with negative ones: unknown
 * @param colours [count, height, width, 3], of coloured images
 */
export function scoredImages(
  images: Uint8Array,
  size: { readonly height: number; readonly width: number },
  labels: ArrayLike<number> | null,
  source: string,
  colours?: Uint8Array,
): ScoredImages {
  scoredImagesArguments({ images, size, labels, source, colours });
  const { height, width } = size;
  const known = labels === null || Array.from(labels).some((label) => label < 0) ? null : Int32Array.from(labels);
  const count = images.length / (height * width);
  const sha256 = sha256Hex(colours ?? images);
  return { images, ...(colours && { colours }), labels: known, count, height, width, source, sha256 };
}

const imagesOfDatasetArguments = signature('imagesOfDataset', { dataset });

/** The images of a data set. */
export function imagesOfDataset(dataset: Dataset): ScoredImages {
  imagesOfDatasetArguments({ dataset });
  return scoredPlanes(dataset.images, dataset, dataset.labels, dataset.source);
}

const scoredPlanesArguments = signature('scoredPlanes', {
  images: bytes,
  size: imageSize,
  labels: numbers.nullable(),
  source: text,
});

/**
 * Images in any number of channels with their identity: gray, and in colour too where they have it; what is transparent is black.
 *
 * @param images planar, [count, channels, height, width]: as they are drawn
 * @param labels absent or with negative ones: unknown
 */
export function scoredPlanes(
  images: Uint8Array,
  kind: ImageSize,
  labels: ArrayLike<number> | null,
  source: string,
): ScoredImages {
  scoredPlanesArguments({ images, size: kind, labels, source });
  const { height, width, channels = 1 } = kind;
  const size = { height, width };
  if (channels === 1) return scoredImages(images, size, labels, source);
  const pixels = height * width;
  const count = images.length / (pixels * channels);
  const gray = new Uint8Array(count * pixels);
  const colours = new Uint8Array(count * pixels * 3);
  for (let i = 0; i < count; i++) {
    const data = interleaved(images.subarray(i * pixels * channels, (i + 1) * pixels * channels), channels);
    const picture = { width, height, channels: channels as Channels, data };
    gray.set(onBlack(picture, 1), i * pixels);
    colours.set(onBlack(picture, 3), i * pixels * 3);
  }
  return scoredImages(gray, size, labels, source, channels < 3 ? undefined : colours);
}

const planarImagesArguments = signature('planarImages', { set: scoredImagesShape });

/** Images in the layout of networks, in all the channels that they have: [count, channels, height, width], 0..255. */
export function planarImages(set: ScoredImages): ShownImages {
  planarImagesArguments({ set });
  const { images, colours, count, height, width } = set;
  if (colours === undefined) return { images, count, channels: 1, height, width };
  const length = 3 * height * width;
  const planes = new Uint8Array(colours.length);
  for (let at = 0; at < planes.length; at += length) planes.set(planar(colours.subarray(at, at + length), 3), at);
  return { images: planes, count, channels: 3, height, width };
}

/** Sets whose pixels can be compared: all in colour, or all in gray. */
export function inSameColours(sets: readonly ScoredImages[]): readonly ScoredImages[] {
  if (sets.every(({ colours }) => colours !== undefined)) return sets;
  return sets.map((set) => (set.colours ? scoredImages(set.images, set, set.labels, set.source) : set));
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
