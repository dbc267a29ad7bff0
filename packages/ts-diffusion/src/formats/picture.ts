import { positiveCount, signature } from '../utils/arguments.js';
import { picture } from '../utils/argument-shapes.js';
/** What the names of picture files end in. */
export const pictureExtension = /\.(?:png|jpe?g|webp)$/i;

/** A decoded picture, 8 bits per sample. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  /** [height, width, channels], 0..255. Alpha is not premultiplied: 0 is transparent, 255 opaque. */
  readonly data: Uint8Array;
}

const transparencyArguments = signature('transparency', { picture });

/** The alpha of each pixel [height, width]; null for a picture that is opaque everywhere. */
export function transparency(picture: Picture): Uint8Array | null {
  transparencyArguments({ picture });
  const { channels, data, width, height } = picture;
  if (channels === 1 || channels === 3) return null;
  const alpha = Uint8Array.from({ length: width * height }, (_, pixel) => data[(pixel + 1) * channels - 1] as number);
  return alpha.every((value) => value === 255) ? null : alpha;
}

const isColouredArguments = signature('isColoured', { picture });

/** Whether any pixel is other than gray. */
export function isColoured(picture: Picture): boolean {
  isColouredArguments({ picture });
  const { channels, data } = picture;
  if (channels < 3) return false;
  for (let at = 0; at < data.length; at += channels) {
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return true;
  }
  return false;
}

const onBlackArguments = signature('onBlack', { picture, channels: positiveCount });

/**
 * The picture on a black background, without alpha: each sample times alpha / 255, rounded to nearest as Pillow's `paste`
 * does. The models draw light on black, so that what is transparent is where nothing is drawn.
 *
 * @param channels 1: gray, colours as their luma; 3: RGB, gray in all three
 * @returns [height, width, channels]
 */
export function onBlack(picture: Picture, channels: 1 | 3): Uint8Array {
  onBlackArguments({ picture, channels });
  const { width, height, data, channels: samples } = picture;
  const hasAlpha = samples === 2 || samples === 4;
  const [green, blue] = samples >= 3 ? [1, 2] : [0, 0];
  const out = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * samples;
    const alpha = hasAlpha ? (data[at + samples - 1] as number) : 255;
    const sample = (index: number): number => Math.round(((data[at + index] as number) * alpha) / 255);
    if (channels === 1) out[pixel] = luma(sample(0), sample(green), sample(blue));
    else out.set([sample(0), sample(green), sample(blue)], 3 * pixel);
  }
  return out;
}

/** ITU-R BT.601, in Pillow's fixed-point arithmetic: exact where all three are equal. */
function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
}
