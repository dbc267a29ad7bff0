import { ConfigError } from 'ts-diffusion/errors';
import { onBlack, pictureExtension, transparency } from 'ts-diffusion/images';
import { say } from '../output/say.js';

/** Where in a unit square, from the upper left corner, each named mask is to be drawn. */
const shapes: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  left: (x) => x < 0.5,
  right: (x) => x >= 0.5,
  top: (_, y) => y < 0.5,
  bottom: (_, y) => y >= 0.5,
  center: (x, y) => Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5)) < 0.25,
  border: (x, y) => Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5)) >= 0.25,
};

export const maskNames = Object.keys(shapes);

/**
 * A mask [size, size], 255 where to draw: of a name, or of a picture: where it is opaque if any pixel is transparent (alpha above
 * 127), otherwise where it is lighter than mid-grey.
 *
 * @throws ConfigError for a file of another size, DataError for one that cannot be read
 */
export async function loadMask(nameOrFile: string, size: number): Promise<Uint8Array> {
  const shape = Object.hasOwn(shapes, nameOrFile) ? shapes[nameOrFile] : undefined;
  if (shape) {
    return Uint8Array.from({ length: size ** 2 }, (_, i) => {
      return shape(((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size) ? 255 : 0;
    });
  }
  if (!pictureExtension.test(nameOrFile)) {
    throw new ConfigError(
      `--mask: "${nameOrFile}" is neither one of ${maskNames.join(', ')} nor a PNG, JPEG or WebP file.`,
    );
  }
  const { readPicture } = await import('ts-diffusion/node');
  const picture = await readPicture(nameOrFile);
  const { width, height } = picture;
  if (width !== size || height !== size) {
    throw new ConfigError(
      `${nameOrFile}: the mask is ${width}x${height}; this model needs ${size}x${size}. Resize it.`,
    );
  }
  const alpha = transparency(picture);
  if (alpha)
    say(`${nameOrFile}: the mask has transparent pixels, so its opaque pixels are inpainted, whatever their colour.`);
  return (alpha ?? onBlack(picture, 1)).map((value) => (value > 127 ? 255 : 0));
}
