import { ConfigError } from './errors.js';
import { count, bytes, signature, number } from './arguments.js';
import { imageSize } from './argument-shapes.js';
/** One grayscale image, row-major. */
export interface GrayImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
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
 * @param images [N, height, width], 0..255, N >= 1
 * @throws ConfigError where the data is no whole number of images or columns is not a positive integer
 */
export function imageGrid(
  images: Uint8Array,
  size: { readonly height: number; readonly width: number },
  columns: number,
  padding = 2,
): GrayImage {
  imageGridArguments({ images, size, columns, padding });
  const { height, width } = size;
  const count = images.length / (height * width);
  if (!Number.isInteger(count) || count < 1) {
    throw new ConfigError(`${images.length} bytes are no whole number of ${width}x${height} images`);
  }
  if (!Number.isInteger(columns) || columns < 1) {
    throw new ConfigError(`a grid needs a positive whole number of columns, got ${columns}`);
  }
  const rows = Math.ceil(count / columns);
  const gridWidth = columns * (width + padding) + padding;
  const gridHeight = rows * (height + padding) + padding;
  const data = new Uint8Array(gridWidth * gridHeight);
  for (let i = 0; i < count; i++) {
    const left = padding + (i % columns) * (width + padding);
    const top = padding + Math.floor(i / columns) * (height + padding);
    for (let y = 0; y < height; y++) {
      const row = (i * height + y) * width;
      data.set(images.subarray(row, row + width), (top + y) * gridWidth + left);
    }
  }
  return { data, width: gridWidth, height: gridHeight };
}
