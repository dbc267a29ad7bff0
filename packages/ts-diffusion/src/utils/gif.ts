import { ConfigError } from './errors.js';
import { encode } from 'modern-gif';
import type { RasterImage } from './image-grid.js';
import { listOf, signature } from './arguments.js';
import { rasterImage } from './argument-shapes.js';

/** Noise hardly compresses: fewer gray levels halve the file, and the eye does not see it in a moving picture. */
const GRAY_LEVELS = 32;

/** One picture of an animation. */
export interface GifFrame extends RasterImage {
  /** How long it is shown, in milliseconds (players round to hundredths of a second). */
  readonly delay: number;
}

const encodeGifArguments = signature('encodeGif', {
  frames: listOf(rasterImage, 'a list of frames with data, width, height and delay'),
});

/**
 * An animated GIF that repeats forever. Gray comes in 32 levels, colours in at most 255 for each frame; alpha is laid on black.
 *
 * @param frames at least one, all of one size; pixels 0 (black) to 255 (white)
 * @throws ConfigError where there is no frame, or sizes differ
 */
export async function encodeGif(frames: readonly GifFrame[]): Promise<Uint8Array> {
  encodeGifArguments({ frames });
  const [first] = frames;
  if (first === undefined) throw new ConfigError('an animation needs at least one frame');
  const { width, height } = first;
  if (frames.some((frame) => frame.width !== width || frame.height !== height)) {
    throw new ConfigError('the frames of an animation must have one size');
  }
  const file = await encode({
    width,
    height,
    looped: true,
    loopCount: 0,
    maxColors: 255,
    frames: frames.map((frame) => ({ data: toRgba(frame), delay: frame.delay })),
  });
  return new Uint8Array(file);
}

function toRgba({ data, channels = 1, width, height }: RasterImage): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  const step = 255 / (GRAY_LEVELS - 1);
  const hasAlpha = channels === 2 || channels === 4;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    const opacity = hasAlpha ? (data[at + channels - 1] as number) / 255 : 1;
    for (let colour = 0; colour < 3; colour++) {
      const value = (data[channels < 3 ? at : at + colour] as number) * opacity;
      rgba[4 * pixel + colour] = channels < 3 ? Math.round(value / step) * step : value;
    }
  }
  return rgba;
}
