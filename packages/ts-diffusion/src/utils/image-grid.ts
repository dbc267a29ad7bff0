import { ConfigError } from './errors.js';
import { count, bytes, signature, number } from './arguments.js';
import { imageSize } from './argument-shapes.js';
import { interleaved, type Channels } from './interleaved.js';

/** One picture, 8 bits per sample, as picture files have it: the samples of a pixel side by side. */
export interface RasterImage {
  /** [height, width, channels], 0..255, row-major. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1 (the default): gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha. */
  readonly channels?: Channels;
}

/** The size of images; `channels` default to 1. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels?: number | undefined;
}

const imageGridArguments = signature('imageGrid', {
  images: bytes,
  size: imageSize,
  columns: number,
  padding: count.optional(),
});

/**
 * Lays images out in rows of `columns`, left to right and top to bottom, on black, with `padding` pixels between them and
 * around them; an unfinished last row stays black.
 * @param images planar, as networks have them: [N, channels, height, width], 0..255, N >= 1
 * @returns a picture with the samples interleaved: [height, width, channels]
 * @throws ConfigError where the data is no whole number of images, or columns is not a positive integer, or there are more than
 *   4 channels
 */
export function imageGrid(images: Uint8Array, size: ImageSize, columns: number, padding = 2): Required<RasterImage> {
  imageGridArguments({ images, size, columns, padding });
  const { height, width, channels = 1 } = size;
  const count = images.length / (height * width * channels);
  if (!Number.isInteger(count) || count < 1) {
    const inChannels = channels === 1 ? '' : ` in ${channels} channels`;
    throw new ConfigError(`${images.length} bytes are no whole number of ${width}x${height} images${inChannels}`);
  }
  if (!Number.isInteger(columns) || columns < 1) {
    throw new ConfigError(`a grid needs a positive whole number of columns, got ${columns}`);
  }
  const rows = Math.ceil(count / columns);
  const gridWidth = columns * (width + padding) + padding;
  const gridHeight = rows * (height + padding) + padding;
  const data = new Uint8Array(gridWidth * gridHeight * channels);
  const stride = channels * width * height;
  for (let i = 0; i < count; i++) {
    const left = padding + (i % columns) * (width + padding);
    const top = padding + Math.floor(i / columns) * (height + padding);
    const image = interleaved(images.subarray(i * stride, (i + 1) * stride), channels);
    for (let y = 0; y < height; y++) {
      const row = image.subarray(y * width * channels, (y + 1) * width * channels);
      data.set(row, ((top + y) * gridWidth + left) * channels);
    }
  }
  return { data, width: gridWidth, height: gridHeight, channels: channels as Channels };
}
