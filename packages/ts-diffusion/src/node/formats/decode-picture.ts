import { DataError } from '../../utils/errors.js';
import { loadSharp } from './load-sharp.js';
import type { Picture } from '../../formats/picture.js';
import { bytes as bytesShape, options, positiveCount, signature, text } from '../../utils/arguments.js';

/** Which pictures are refused. */
export interface PictureLimits {
  /** Largest number of pixels; a larger picture is refused by its header. */
  readonly pixels: number;
}

/** 4096 x 4096: at most 64 MiB when decoded. */
export const DEFAULT_LIMITS: PictureLimits = { pixels: 4096 * 4096 };

/** What the files begin with. */
const signatures: readonly { readonly at: number; readonly bytes: readonly number[] }[] = [
  { at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] }, // PNG
  { at: 0, bytes: [0xff, 0xd8, 0xff] }, // JPEG
  { at: 8, bytes: [0x57, 0x45, 0x42, 0x50] }, // RIFF....WEBP
];

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
  const isKnown = signatures.some(({ at, bytes: expected }) => expected.every((byte, i) => bytes[at + i] === byte));
  if (!isKnown) fail('neither a PNG, a JPEG nor a WebP file');
  const sharp = await loadSharp();
  try {
    const decoder = sharp(bytes, { ignoreIcc: true, limitInputPixels: limits.pixels });
    const { data, info } = await decoder.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: info.channels, data };
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('exceeds pixel limit')) {
      return fail(`more than ${limits.pixels} pixels; make the picture smaller`, error);
    }
    const lines = message.split('\n').filter((line) => line.trim() !== '');
    return fail(`damaged or truncated (${lines.at(-1) ?? ''})`, error);
  }
}
