import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import type { ScoredImages } from '../../../ts-diffusion/src/evaluation/scored-images.js';
import { digitSets } from '../../../ts-diffusion/test/evaluation/untrained-networks.js';

/** Writes 150 training and 120 test digits as IDX files into a new folder `data`. */
export async function writeStudyData(root: string): Promise<void> {
  const [training, test] = (await digitSets(150, 120)) as [ScoredImages, ScoredImages];
  mkdirSync(join(root, 'data'));
  for (const [split, { images, labels, count, height, width }] of Object.entries({ train: training, t10k: test })) {
    const file = (what: string): string => join(root, 'data', `${split}-${what}`);
    writeFileSync(file('images-idx3-ubyte'), encodeIdx({ shape: [count, height, width], data: images }));
    writeFileSync(file('labels-idx1-ubyte'), encodeIdx({ shape: [count], data: Uint8Array.from(labels ?? []) }));
  }
}
