import { extname } from 'node:path';
import { ConfigError } from '../../utils/errors.js';
import type { RasterImage } from '../../utils/image-grid.js';
import { encodePng } from '../../utils/png.js';
import { loadSharp } from './load-sharp.js';
import { signature, text } from '../../utils/arguments.js';
import { rasterImage } from '../../utils/argument-shapes.js';

type Encoder = (image: RasterImage) => Uint8Array | Promise<Uint8Array>;

const JPEG_QUALITY = 95;

const raw = async ({ data, width, height, channels = 1 }: RasterImage) =>
  (await loadSharp())(data, { raw: { width, height, channels } }).toColourspace(channels < 3 ? 'b-w' : 'srgb');
const jpeg: Encoder = async (image) => (await raw(image)).jpeg({ quality: JPEG_QUALITY }).toBuffer();
const encoders: Readonly<Record<string, Encoder>> = {
  '.png': ({ data, width, height, channels }) => encodePng(data, width, height, channels),
  '.jpg': jpeg,
  '.jpeg': jpeg,
  '.webp': async (image) => (await raw(image)).webp({ lossless: true }).toBuffer(),
};

const encodePictureArguments = signature('encodePicture', { image: rasterImage, path: text });

/**
 * A picture in the format that the file's name asks for: PNG, JPEG (quality 95) or WebP (lossless).
 *
 * @throws ConfigError as `checkPictureName`
 */
export async function encodePicture(image: RasterImage, path: string): Promise<Uint8Array> {
  encodePictureArguments({ image, path });
  return encoderOf(path)(image);
}

/** What the names of pictures end in that `encodePicture` writes. */
export const pictureExtensions: readonly string[] = Object.keys(encoders);

const checkPictureNameArguments = signature('checkPictureName', { path: text });

/** To be asked before a picture is computed. @throws ConfigError for a name that ends in none of the formats there are */
export function checkPictureName(path: string): void {
  checkPictureNameArguments({ path });
  encoderOf(path);
}

function encoderOf(path: string): Encoder {
  const extension = extname(path).toLowerCase();
  const encoder = Object.hasOwn(encoders, extension) ? encoders[extension] : undefined;
  if (encoder) return encoder;
  throw new ConfigError(
    `${path}: a picture is written as ${pictureExtensions.join(', ')}; give the file a name that ends in one of them.`,
  );
}
