import type { ShownImages } from '../scored-images.js';

/** Levels that are taken for the background, and for full ink. */
const DUST = 8;
const PLATEAU = 247;
const MIDDLE = 128;

/**
 * What is left of images for a judge. As they are, everything is; what one of the others still shows is at fault, what it hides was.
 *
 * - `flattened`: levels below 8 are 0, above 247 are 255. Hides dust in the background and how bright ink is.
 * - `2x2 means`: each 2×2 pixels are one. Hides texture of a pixel's size.
 * - `black and white`: 0 below 128, else 255. Leaves shape alone.
 */
export const views = {
  'as they are': (shown: ShownImages): ShownImages => shown,
  flattened: (shown: ShownImages): ShownImages =>
    mapped(shown, (level) => (level < DUST ? 0 : level > PLATEAU ? 255 : level)),
  '2x2 means': halved,
  'black and white': (shown: ShownImages): ShownImages => mapped(shown, (level) => (level < MIDDLE ? 0 : 255)),
} as const;

export type ViewName = keyof typeof views;

function mapped(shown: ShownImages, change: (level: number) => number): ShownImages {
  return { ...shown, images: shown.images.map(change) };
}

/** Rounded means; a last row or column without a pair is left out. */
function halved({ images, count, channels, height, width }: ShownImages): ShownImages {
  const [rows, columns] = [height >> 1, width >> 1];
  const small = new Uint8Array(count * channels * rows * columns);
  let to = 0;
  for (let plane = 0; plane < count * channels; plane++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const from = (plane * height + 2 * y) * width + 2 * x;
        const at = (offset: number): number => images[from + offset] as number;
        small[to++] = Math.round((at(0) + at(1) + at(width) + at(width + 1)) / 4);
      }
    }
  }
  return { images: small, count, channels, height: rows, width: columns };
}
