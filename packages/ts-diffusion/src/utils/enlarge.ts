import type { RasterImage } from './image-grid.js';
import { positiveCount, signature } from './arguments.js';
import { rasterImage } from './argument-shapes.js';

const enlargeArguments = signature('enlarge', { image: rasterImage, scale: positiveCount });

/** The image with every pixel drawn as a square of `scale` x `scale` pixels, so that small images can be seen. */
export function enlarge(raster: RasterImage, scale: number): Required<RasterImage> {
  enlargeArguments({ image: raster, scale });
  const { data: source, channels = 1, ...image } = raster;
  const width = image.width * scale;
  const height = image.height * scale;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / scale) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(x / scale)) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) data[to + channel] = source[from + channel] as number;
    }
  }
  return { data, width, height, channels };
}
