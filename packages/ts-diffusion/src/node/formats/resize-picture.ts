import type { PictureSize } from '../../data/picture-report.js';
import type { PictureOptions } from '../../data/picture-options.js';
import { isColoured, type Picture } from '../../formats/picture.js';
import { DataError } from '../../utils/errors.js';
import { DEFAULT_LIMITS } from './decode-picture.js';
import { decodingProblem } from './decoding-problem.js';
import { loadSharp } from './load-sharp.js';
import { pictureFormat } from './picture-format.js';

/** What fits of a picture is called in sharp. */
const sharpFits = { crop: 'cover', pad: 'contain', stretch: 'fill' } as const;

/** `gray` is 50 %; the rest is understood by sharp. */
const backgroundNames: Readonly<Record<string, string>> = { gray: '#808080' };

/** A picture as an image to train on. */
export interface ResizedPicture {
  /** [size, size, 3], 0..255. */
  readonly rgb: Uint8Array;
  /** Whether any pixel is other than gray. */
  readonly coloured: boolean;
}

/**
 * The size of a PNG, JPEG, WebP or GIF file, from its header.
 *
 * @throws DataError with the problem alone, without the file's name
 */
export async function pictureSize(file: Uint8Array): Promise<PictureSize> {
  checkFormat(file);
  const sharp = await loadSharp();
  try {
    const { autoOrient } = await sharp(file, { limitInputPixels: DEFAULT_LIMITS.pixels }).metadata();
    return autoOrient;
  } catch (error) {
    throw new DataError(decodingProblem(error, DEFAULT_LIMITS.pixels), { cause: error });
  }
}

/**
 * Decodes a PNG, JPEG, WebP or GIF file (its first picture) and resizes it with anti-aliasing (Lanczos, a = 3, its support
 * widened where pictures become smaller). Whatever the file holds (CMYK, palettes, 16 bits, a colour profile) becomes 8-bit
 * sRGB; orientation tags are followed; what is transparent shows the background. A picture of the right size keeps its pixels.
 *
 * @throws DataError with the problem alone, without the file's name
 */
export async function resizePicture(
  file: Uint8Array,
  size: number,
  { fit = 'crop', background = 'black' }: Pick<PictureOptions, 'fit' | 'background'>,
): Promise<ResizedPicture> {
  checkFormat(file);
  const sharp = await loadSharp();
  const colour = backgroundNames[background.toLowerCase()] ?? background;
  try {
    const rgb = await sharp(file, { limitInputPixels: DEFAULT_LIMITS.pixels, failOn: 'error' })
      .autoOrient()
      .flatten({ background: colour })
      .resize(size, size, { fit: sharpFits[fit], background: colour })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
    return { rgb, coloured: isColoured({ width: size, height: size, channels: 3, data: rgb }) };
  } catch (error) {
    throw new DataError(decodingProblem(error, DEFAULT_LIMITS.pixels), { cause: error });
  }
}

function checkFormat(file: Uint8Array): void {
  if (file.length === 0) throw new DataError('an empty file');
  if (pictureFormat(file) === undefined) throw new DataError('neither a PNG, a JPEG, a WebP nor a GIF file');
}

/** Pixels in memory, resized as `resizePicture` resizes files; channels stay as they are. */
export async function resizePixels(
  { data, width, height, channels }: Picture,
  size: number,
  { fit = 'crop', background = 'black' }: Pick<PictureOptions, 'fit' | 'background'>,
): Promise<Picture> {
  const sharp = await loadSharp();
  const colour = backgroundNames[background.toLowerCase()] ?? background;
  const resized = await sharp(data, { raw: { width, height, channels } })
    .resize(size, size, { fit: sharpFits[fit], background: colour })
    .toColourspace(channels < 3 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  return { width: size, height: size, channels, data: resized };
}
