/**
 * Writes MNIST's digits in colour on textured backgrounds, 32×32 RGB, as a data set in the binary format of CIFAR-10:
 *
 *     npx tsx bench/data/write-coloured-digits.ts FOLDER [--seed 0] [--textures gradient,clouds]
 *
 * MNIST is read as by `diffusion train`; `DIFFUSION_DATA_DIR` names a folder that has its files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Dataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { loadDataset } from '../../packages/ts-diffusion/src/node/data/sources.js';
import { wholeNumber } from '../support/options.js';
import { colouredDigit, SIZE, TEXTURES, type TextureName } from './coloured-digits.js';

/** Images in a file of CIFAR-10. */
const BATCH = 10_000;
const RECORD = 1 + 3 * SIZE * SIZE;

const {
  values,
  positionals: [folder],
} = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '0' }, textures: { type: 'string', default: TEXTURES.join(',') } },
});
if (folder === undefined) throw new Error('name the folder to write to');
const seed = wholeNumber('seed', values.seed, 0);
const textures = values.textures.split(',') as TextureName[];
const unknown = textures.find((name) => !TEXTURES.includes(name));
if (unknown !== undefined) throw new Error(`no texture ${JSON.stringify(unknown)}: they are ${TEXTURES.join(', ')}`);

mkdirSync(folder, { recursive: true });
const train = await loadDataset({ split: 'train' });
for (let first = 0; first < train.count; first += BATCH) {
  // The test digits have a seed of their own: an index names a picture of either split.
  write(`data_batch_${first / BATCH + 1}.bin`, train, 2 * seed, first);
}
write('test_batch.bin', await loadDataset({ split: 'test' }), 2 * seed + 1, 0);
writeFileSync(join(folder, 'batches.meta.txt'), '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');

function write(name: string, dataset: Dataset, ofSeed: number, first: number): void {
  const count = Math.min(BATCH, dataset.count - first);
  const bytes = new Uint8Array(count * RECORD);
  for (let i = 0; i < count; i++) {
    bytes[i * RECORD] = dataset.labels[first + i] as number;
    bytes.set(colouredDigit(dataset, first + i, ofSeed, textures), i * RECORD + 1);
  }
  writeFileSync(join(folder as string, name), bytes);
  console.log(`${name}: ${count} images`);
}
