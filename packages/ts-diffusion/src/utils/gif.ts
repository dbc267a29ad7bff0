import { ConfigError } from './errors.js';
import { encode } from 'modern-gif';
import type { GrayImage } from './image-grid.js';
import { listOf, signature } from './arguments.js';
import { grayImage } from './argument-shapes.js';

/** Noise hardly compresses: fewer gray levels halve the file, and the eye does not see it in a moving picture. */
const GRAY_LEVELS = 32;

/** One picture of an animation. */
export interface GifFrame extends GrayImage {
  /** How long it is shown, in milliseconds (players round to hundredths of a second). */
  readonly delay: number;
}

const encodeGifArguments = signature('encodeGif', {
  frames: listOf(grayImage, 'a list of frames with data, width, height and delay'),
});

/**
 * An animated GIF that repeats forever, in 32 levels of gray.
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
    frames: frames.map(({ data, delay }) => ({ data: toRgba(data), delay })),
  });
  return new Uint8Array(file);
}

function toRgba(gray: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * gray.length).fill(255);
  const step = 255 / (GRAY_LEVELS - 1);
  for (let i = 0; i < gray.length; i++) {
    rgba.fill(Math.round((gray[i] as number) / step) * step, 4 * i, 4 * i + 3);
  }
  return rgba;
}
