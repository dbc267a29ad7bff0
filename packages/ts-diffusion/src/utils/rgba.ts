import { bytes, positiveCount, signature } from './arguments.js';

const toRgbaArguments = signature('toRgba', { image: bytes, pixels: positiveCount });

/**
 * An image as a canvas shows it.
 *
 * @param image planar, [channels, height, width], 0..255; channels are gray, gray and alpha, RGB, or RGB and alpha
 * @param pixels height · width; the channels follow from it
 * @returns [height, width, 4], 0..255: red, green, blue and alpha, which is not premultiplied
 */
export function toRgba(image: Uint8Array, pixels: number): Uint8ClampedArray<ArrayBuffer> {
  toRgbaArguments({ image, pixels });
  const channels = image.length / pixels;
  const [red, green, blue] = channels < 3 ? [0, 0, 0] : [0, pixels, 2 * pixels];
  const alpha = channels === 2 || channels === 4 ? (channels - 1) * pixels : undefined;
  const rgba = new Uint8ClampedArray(4 * pixels);
  for (let i = 0; i < pixels; i++) {
    rgba[4 * i] = image[red + i] as number;
    rgba[4 * i + 1] = image[green + i] as number;
    rgba[4 * i + 2] = image[blue + i] as number;
    rgba[4 * i + 3] = alpha === undefined ? 255 : (image[alpha + i] as number);
  }
  return rgba;
}
