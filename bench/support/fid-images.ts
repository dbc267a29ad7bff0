import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { Dataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { RandomStream } from '../../packages/ts-diffusion/src/utils/random.js';

type Png = Parameters<typeof encode>[0];

const DIGIT = 28;
const [WIDTH, HEIGHT] = [45, 37];

const digit = ({ images }: Dataset, index: number): Uint8Array =>
  images.subarray(index * DIGIT * DIGIT, (index + 1) * DIGIT * DIGIT);

/** A digit as it is: 28x28, one channel. */
export const grayDigit = (digits: Dataset, index: number): Png => ({
  data: digit(digits, index),
  width: DIGIT,
  height: DIGIT,
  channels: 1,
  depth: 8,
});

/** Three digits at random places of a 45x37 picture, in red, green and blue. */
export function colourPicture(digits: Dataset, index: number): Png {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const random = new RandomStream(0, 0, index);
  for (let channel = 0; channel < 3; channel++) {
    const [left, top] = [random.integer(WIDTH - DIGIT + 1), random.integer(HEIGHT - DIGIT + 1)];
    digit(digits, 3 * index + channel).forEach((value, pixel) => {
      const [row, column] = [Math.floor(pixel / DIGIT) + top, (pixel % DIGIT) + left];
      data[(row * WIDTH + column) * 3 + channel] = value;
    });
  }
  return { data, width: WIDTH, height: HEIGHT, channels: 3, depth: 8 };
}

/** Makes a folder of PNG files, whose names sort as their indices do. */
export function writePngs(folder: string, count: number, image: (index: number) => Png): void {
  mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    writeFileSync(join(folder, `${String(i).padStart(5, '0')}.png`), encode(image(i)));
  }
}
