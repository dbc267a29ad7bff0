import { join, resolve } from 'node:path';
import type { GeneratedImages } from 'ts-diffusion';
import { encodeIdx } from 'ts-diffusion/data';
import {
  type Channels,
  encodeGif,
  encodePng,
  enlarge,
  imageGrid,
  type ImageSize,
  interleaved,
  pictureExtension,
} from 'ts-diffusion/images';
import { ConfigError } from 'ts-diffusion/errors';
import {
  checkOutputFile,
  checkOutputFolder,
  encodePicture,
  pictureExtensions,
  writeFileAtomic,
} from 'ts-diffusion/node';

/** How `diffusion sample` writes images: one picture with all of them, one PNG each, or a pair of IDX files like MNIST's. */
export const imageFormats = ['grid', 'png', 'idx'] as const;
export type ImageFormat = (typeof imageFormats)[number];

/**
 * Writes images in the given format.
 *
 * @param out for `grid` the file, for `png` and `idx` the folder; folders on the way are made
 * @param grid columns of the grid, and screen pixels per image pixel
 * @returns the paths to tell the user: the files, or for `png` the folder
 * @throws WriteError when a file cannot be written, ConfigError for a grid under a name that says no format
 */
export async function writeImages(
  images: GeneratedImages,
  format: ImageFormat,
  out: string,
  grid: { columns: number; scale: number },
): Promise<string[]> {
  switch (format) {
    case 'grid':
      await writeGrid(out, images.images, images, grid.columns, grid.scale);
      return [out];
    case 'png':
      writeSinglePngs(images, out);
      return [out];
    case 'idx':
      return writeIdxPair(images, out);
  }
}

/**
 * Writes images [N, C, H, W] as one picture, row by row, each pixel as a square of `scale` x `scale`.
 *
 * @param out its extension says the format: .png, .jpg, .jpeg or .webp
 * @throws WriteError when the file cannot be written, ConfigError for another extension
 */
export async function writeGrid(
  out: string,
  images: Uint8Array,
  size: ImageSize,
  columns: number,
  scale = 1,
): Promise<void> {
  writeFileAtomic(out, await encodePicture(enlarge(imageGrid(images, size, columns), scale), out));
}

/** The files of an IDX pair of images and labels. */
const pairNames = ['samples-images-idx3-ubyte', 'samples-labels-idx1-ubyte'] as const;

/**
 * To be asked before images are drawn.
 *
 * @param out as for `writeImages`
 * @param endings of the pictures that go `beside` it
 * @throws ConfigError for a name that is no picture's or no folder's, WriteError where nothing can be written
 */
export function checkImagesOut(out: string, format: ImageFormat, endings: readonly string[] = []): void {
  if (format === 'grid') checkOutputFile(out, { what: 'a picture', extensions: pictureExtensions });
  else checkOutputFolder(out, { what: 'the images', ...(format === 'idx' && { files: pairNames }) });
  for (const ending of endings) checkOutputFile(beside(out, ending), { what: 'a picture' });
}

/** Where another picture of the same name goes: `edits.png` and `-steps.png` give `edits-steps.png`. */
export function beside(out: string, ending: string): string {
  // The folders . and .. have names, too.
  const named = /(?:^|\/)\.{1,2}\/*$/.test(out) ? resolve(out) : out;
  return named.replace(pictureExtension, '').replace(/\/+$/, '') + ending;
}

/** Of the film strip that `diffusion sample --steps-strip` writes `beside` its images. */
export const STRIP_ENDING = '-steps.png';

/** Pictures of an animation of a sampling run: more would only make the file larger. */
const LARGEST_ANIMATION = 30;

/** How many pictures show a run of so many steps. */
export function animationFrames(steps: number): number {
  return Math.min(steps + 1, LARGEST_ANIMATION);
}

/** How long each picture of an animation is shown, in milliseconds. */
export interface Timing {
  readonly delay: number;
  /** The same for the last picture. */
  readonly hold: number;
}

/** About two seconds of noise that becomes images, then time to look at them. */
export const WAY_FROM_NOISE: Timing = { delay: 70, hold: 2000 };

/**
 * Writes pictures of images [N, C, H, W] as an animated GIF, each laid out as `writeGrid` does.
 *
 * @throws WriteError when the file cannot be written
 */
export async function writeAnimation(
  out: string,
  pictures: readonly Uint8Array[],
  size: ImageSize,
  { columns, scale, delay, hold }: { readonly columns: number; readonly scale: number } & Timing,
): Promise<void> {
  const frames = pictures.map((images, i) => ({
    ...enlarge(imageGrid(images, size, columns), scale),
    delay: i === pictures.length - 1 ? hold : delay,
  }));
  writeFileAtomic(out, await encodeGif(frames));
}

function writeSinglePngs(generated: GeneratedImages, folder: string): void {
  const { images, labels, count, channels, height, width } = generated;
  const pixels = channels * height * width;
  const digits = String(count - 1).length;
  for (let i = 0; i < count; i++) {
    const label = labels[i] as number;
    const name = `${String(i).padStart(digits, '0')}-${label < 0 ? 'none' : label}.png`;
    const image = interleaved(images.subarray(i * pixels, (i + 1) * pixels), channels);
    writeFileAtomic(join(folder, name), encodePng(image, width, height, channels as Channels));
  }
}

/** To be asked before images are drawn. @throws ConfigError for a format that has no room for colours */
export function checkFormat(format: ImageFormat, channels: number): void {
  if (format !== 'idx' || channels === 1) return;
  throw new ConfigError(
    `--format idx holds gray images, and this model draws in ${channels} channels; use --format png.`,
  );
}

/** Why images without a class cannot be an IDX pair. */
export const NO_LABELS_IN_IDX = '--format idx has no label for images without a class; use --format grid or png.';

function writeIdxPair({ images, labels, count, height, width }: GeneratedImages, folder: string): string[] {
  const [imagesPath, labelsPath] = [join(folder, pairNames[0]), join(folder, pairNames[1])];
  writeFileAtomic(imagesPath, encodeIdx({ shape: [count, height, width], data: images }));
  writeFileAtomic(labelsPath, encodeIdx({ shape: [count], data: Uint8Array.from(labels) }));
  return [imagesPath, labelsPath];
}
