import type { GrayImage } from './image-grid.js';
import { positiveCount, signature } from './arguments.js';
import { grayImage } from './argument-shapes.js';

const enlargeArguments = signature('enlarge', { image: grayImage, scale: positiveCount });

/** The image with every pixel drawn as a square of `scale` x `scale` pixels, so that small images can be seen. */
export function enlarge(image: GrayImage, scale: number): GrayImage {
  enlargeArguments({ image, scale });
  const width = image.width * scale;
  const height = image.height * scale;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const source = Math.floor(y / scale) * image.width;
    for (let x = 0; x < width; x++) data[y * width + x] = image.data[source + Math.floor(x / scale)] as number;
  }
  return { data, width, height };
}
