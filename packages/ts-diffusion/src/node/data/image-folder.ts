import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';
import type { ImageSet } from '../../data/image-set.js';
import { DataError } from '../../utils/errors.js';
import type { GrayImage } from '../../utils/image-grid.js';
import { sha256Hex } from '../platform/sha256.js';

/** Images read from a folder. */
export interface ImageFolder extends ImageSet {
  readonly channels: 1 | 3;
  /** The folder. */
  readonly source: string;
  /** Paths relative to the folder, in the order of the images. */
  readonly files: readonly string[];
  /** SHA-256 of `images`. */
  readonly sha256: string;
}

export interface ReadImageFolderOptions {
  /** `gray` (default) turns colours into their luma, as Pillow's `convert('L')`; `rgb` repeats gray in three channels. */
  readonly mode?: 'gray' | 'rgb';
  /** Whether to look into subfolders too. Default false. */
  readonly recursive?: boolean;
}

/**
 * Reads every PNG file of a folder, in the order of their paths. Alpha is left out, as Pillow's `convert` does.
 * @throws DataError naming the folder or the file: none there, not readable, truncated, not of 8 bits per channel, of
 * another size than the first
 */
export async function readImageFolder(
  folder: string,
  { mode = 'gray', recursive = false }: ReadImageFolderOptions = {},
): Promise<ImageFolder> {
  const files = await listPngFiles(folder, recursive);
  const channels = mode === 'rgb' ? 3 : 1;
  let [width, height] = [0, 0];
  let images = new Uint8Array();
  for (const [index, file] of files.entries()) {
    const path = join(folder, file);
    const image = await readPng(path);
    if (index === 0) {
      ({ width, height } = image);
      images = new Uint8Array(files.length * height * width * channels);
    }
    if (image.width !== width || image.height !== height) {
      throw new DataError(
        `${path} is ${image.width}x${image.height} but ${join(folder, files[0] ?? '')} is ${width}x${height}; all images ` +
          'of a folder must have one size',
      );
    }
    writePixels(image, images.subarray(index * height * width * channels), channels);
  }
  return { images, count: files.length, height, width, channels, source: folder, files, sha256: sha256Hex(images) };
}

/**
 * Reads one PNG file in gray, colours as their luma.
 * @throws DataError naming the file: not readable, truncated, not of 8 bits per channel
 */
export async function readGrayImage(path: string): Promise<GrayImage> {
  const image = await readPng(path);
  const { width, height } = image;
  const data = new Uint8Array(width * height);
  writePixels(image, data, 1);
  return { data, width, height };
}

async function listPngFiles(folder: string, recursive: boolean): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder, { recursive });
  } catch (error) {
    throw new DataError(`cannot read the folder of images ${folder}: ${(error as Error).message}`, { cause: error });
  }
  const files = names.filter((name) => extname(name).toLowerCase() === '.png').sort();
  if (files.length > 0) return files;
  const advice = recursive ? '' : '; images in subfolders are read only if asked for';
  throw new DataError(`${folder} holds no PNG file (of ${names.length} entries); expected images as *.png${advice}`);
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** [height, width, samples]. */
  readonly data: ArrayLike<number>;
  /** Per pixel: gray, gray and alpha, RGB, or RGBA. */
  readonly samples: number;
}

async function readPng(path: string): Promise<Pixels> {
  let png: DecodedPng;
  try {
    png = decode(await readFile(path), { checkCrc: true });
  } catch (error) {
    throw new DataError(`cannot read the image ${path}: ${(error as Error).message}`, { cause: error });
  }
  const { width, height, depth, channels, palette } = png;
  if (palette) {
    return { width, height, data: convertIndexedToRgb(png), samples: palette[0]?.length ?? 3 };
  }
  if (depth !== 8) {
    throw new DataError(`${path} has ${depth} bits per channel; expected 8: convert it, so that values lie in 0..255`);
  }
  return { width, height, data: png.data, samples: channels };
}

/** @param out from the image's first pixel on; [height, width, channels] are written */
function writePixels({ width, height, data, samples }: Pixels, out: Uint8Array, channels: 1 | 3): void {
  const isColour = samples >= 3;
  const sample = (pixel: number, index: number): number => data[pixel * samples + (isColour ? index : 0)] as number;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red, green, blue] = [sample(pixel, 0), sample(pixel, 1), sample(pixel, 2)];
    if (channels === 3) out.set([red, green, blue], 3 * pixel);
    else out[pixel] = luma(red, green, blue);
  }
}

/** ITU-R BT.601, in Pillow's fixed-point arithmetic: exact where all three are equal. */
function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
}
