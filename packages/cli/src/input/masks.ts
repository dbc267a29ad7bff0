import { ConfigError } from 'ts-diffusion/errors';

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
 * A mask [size, size], 255 where to draw: of a name, or of a PNG file, where it is lighter than mid-grey.
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
  if (!/\.png$/i.test(nameOrFile)) {
    throw new ConfigError(`--mask: "${nameOrFile}" is neither one of ${maskNames.join(', ')} nor a PNG file.`);
  }
  const { readGrayImage } = await import('ts-diffusion/node');
  const { data, width, height } = await readGrayImage(nameOrFile);
  if (width !== size || height !== size) {
    throw new ConfigError(`${nameOrFile}: a mask of ${width}x${height}; this model draws ${size}x${size}.`);
  }
  return data.map((value) => (value > 127 ? 255 : 0));
}
