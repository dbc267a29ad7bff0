import { join } from 'node:path';
import type { ImageSet } from '../../data/image-set.js';
import { isColoured, onBlack, pictureExtension, transparency, type Picture } from '../../formats/picture.js';
import { decodePicture } from '../formats/decode-picture.js';
import { readBoundedFile } from '../formats/read-file.js';
import { DataError } from '../../utils/errors.js';
import { sha256Hex } from '../platform/sha256.js';
import { listFiles } from './list-files.js';
import { callback, choice, flag, options, signature, text } from '../../utils/arguments.js';

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

/** Which pictures of a folder are read, and as what. */
export interface ReadImageFolderOptions {
  /**
   * `gray` (default): colours become their luma, as Pillow's `convert('L')` has it; `rgb`: gray in all three channels; `own`:
   * RGB where any picture is coloured, gray otherwise.
   */
  readonly mode?: 'gray' | 'rgb' | 'own';
  /** Whether to look into subfolders too. Default false. */
  readonly recursive?: boolean;
  /** Told where colours become gray, and where transparent pixels become black. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

/** Larger files are no pictures that these networks see. */
const LARGEST_FILE = 64 * 2 ** 20;

const readImageFolderArguments = signature('readImageFolder', {
  folder: text,
  options: options({
    mode: choice(['gray', 'rgb', 'own']).optional(),
    recursive: flag.optional(),
    onMessage: callback.optional(),
  }),
});

/**
 * Reads every PNG, JPEG and WebP file of a folder, in the order of their paths; hidden files and folders are passed over. What
 * is transparent becomes black (`onBlack`).
 * @throws DataError naming the folder or the file: none there, not readable, damaged, of another size than the first
 */
export async function readImageFolder(folder: string, reading: ReadImageFolderOptions = {}): Promise<ImageFolder> {
  readImageFolderArguments({ folder, options: reading });
  const { mode = 'gray', recursive = false, onMessage } = reading;
  const files = await listPictures(folder, recursive);
  const read: Pixels[] = [];
  let [width, height, coloured, transparent] = [0, 0, 0, 0];
  for (const [index, file] of files.entries()) {
    const path = join(folder, file);
    const picture = await readPicture(path);
    if (index === 0) ({ width, height } = picture);
    if (picture.width !== width || picture.height !== height) {
      throw new DataError(
        `${path} is ${picture.width}x${picture.height} but ${join(folder, files[0] ?? '')} is ${width}x${height}; all images ` +
          'of a folder must have one size',
      );
    }
    const hasColour = isColoured(picture);
    if (hasColour) coloured++;
    if (transparency(picture) !== null) transparent++;
    const kept = mode === 'gray' || !hasColour ? 1 : 3;
    read.push({ channels: kept, data: onBlack(picture, kept) });
  }
  if (mode === 'gray' && coloured > 0) {
    onMessage?.(`${folder}: ${coloured} of ${files.length} images are coloured and are converted to grey (luma).`);
  }
  if (transparent > 0) {
    onMessage?.(
      `${folder}: ${transparent} of ${files.length} images have transparent pixels, which are read as black.`,
    );
  }
  const channels = mode === 'rgb' || (mode === 'own' && coloured > 0) ? 3 : 1;
  const pixels = width * height;
  const images = new Uint8Array(files.length * pixels * channels);
  read.forEach(({ data, channels: kept }, i) => {
    images.set(kept === channels ? data : repeated(data), i * pixels * channels);
  });
  return { images, count: files.length, height, width, channels, source: folder, files, sha256: sha256Hex(images) };
}

interface Pixels {
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** Gray [N] in three channels [N, 3]. */
function repeated(gray: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 3 * gray.length }, (_, i) => gray[Math.floor(i / 3)] as number);
}

const readPictureArguments = signature('readPicture', { path: text });

/**
 * Reads one PNG, JPEG or WebP file.
 * @throws DataError naming the file: not readable, not a picture, damaged, too large
 */
export async function readPicture(path: string): Promise<Picture> {
  readPictureArguments({ path });
  return decodePicture(await readBoundedFile(path, LARGEST_FILE), path);
}

async function listPictures(folder: string, recursive: boolean): Promise<string[]> {
  const names = await listFiles(folder, { recursive });
  const files = names.filter((name) => pictureExtension.test(name));
  if (files.length > 0) return files;
  const advice = recursive ? '' : '; images in subfolders are read only if asked for';
  throw new DataError(
    `${folder} contains no images (in ${names.length} files); expected *.png, *.jpg or *.webp${advice}`,
  );
}
