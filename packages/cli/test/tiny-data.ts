import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '../../ts-diffusion/src/node/data/sources.js';
import { encodeIdx } from '../../ts-diffusion/src/data/idx.js';
import { tinyDataset } from '../../ts-diffusion/test/training/tiny-run.js';

/** Writes 30 images of 8x8 pixels as an IDX pair into a new folder. */
export function writeTinyData(folder: string): void {
  const { images, labels, count, height, width } = tinyDataset();
  mkdirSync(folder);
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), encodeIdx({ shape: [count, height, width], data: images }));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), encodeIdx({ shape: [count], data: Uint8Array.from(labels) }));
}

/** Writes the embedded digits as an IDX pair into a new folder. */
export async function writeEmbeddedDigits(folder: string): Promise<void> {
  const { images, labels, count, height, width } = await loadDataset({ directory: 'embedded', split: 'train' });
  mkdirSync(folder);
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), encodeIdx({ shape: [count, height, width], data: images }));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), encodeIdx({ shape: [count], data: labels }));
}
