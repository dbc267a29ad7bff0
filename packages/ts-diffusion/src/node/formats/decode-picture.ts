import { DataError } from '../../utils/errors.js';
import { decodingProblem } from './decoding-problem.js';
import { loadSharp } from './load-sharp.js';
import { pictureFormat } from './picture-format.js';
import type { Picture } from '../../formats/picture.js';
import { bytes as bytesShape, options, positiveCount, signature, text } from '../../utils/arguments.js';

/** Which pictures are refused. */
export interface PictureLimits {
  /** Largest number of pixels; a larger picture is refused by its header. */
  readonly pixels: number;
}

/** 4096 x 4096: at most 64 MiB when decoded. */
export const DEFAULT_LIMITS: PictureLimits = { pixels: 4096 * 4096 };

const decodePictureArguments = signature('decodePicture', {
  bytes: bytesShape,
  path: text,
  options: options({ limits: options({ pixels: positiveCount }).optional() }),
});

/**
 * Decodes a PNG, JPEG or WebP file (Node; a browser has its own decoder in place of this one). Every colour type and bit
 * depth of PNG is read; 16 bits are reduced to their upper eight, gamma and colour profiles are not applied: as Pillow does.
 * Of an animation the first picture is read. Orientation tags are ignored.
 *
 * @param path only for the messages
 * @throws DataError for a file of another kind, a damaged or truncated one, and a picture beyond the limits
 */
export async function decodePicture(
  bytes: Uint8Array,
  path: string,
  bounds: { readonly limits?: PictureLimits } = {},
): Promise<Picture> {
  decodePictureArguments({ bytes, path, options: bounds });
  const { limits = DEFAULT_LIMITS } = bounds;
  const fail = (problem: string, cause?: unknown): never => {
    throw new DataError(`cannot read the image ${path}: ${problem}`, { cause });
  };
  const format = pictureFormat(bytes);
  if (format === undefined || format === 'GIF') fail('neither a PNG, a JPEG nor a WebP file');
  const sharp = await loadSharp();
  try {
    const decoder = sharp(bytes, { ignoreIcc: true, limitInputPixels: limits.pixels });
    const { data, info } = await decoder.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: info.channels, data };
  } catch (error) {
    return fail(decodingProblem(error, limits.pixels), error);
  }
}
