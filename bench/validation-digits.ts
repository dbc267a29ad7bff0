/**
 * Cuts training digits of MNIST into a folder with an IDX pair: digits to choose a recipe by that are neither test digits
 * nor among the 10,000 embedded ones, which are the first.
 *
 *     npx tsx bench/validation-digits.ts --first 50000 --count 10000 --out runs/validation
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { imageLength } from '../packages/ts-diffusion/src/data/dataset.js';
import { encodeIdx } from '../packages/ts-diffusion/src/data/idx.js';
import { loadDataset } from '../packages/ts-diffusion/src/node/data/sources.js';
import { wholeNumber } from './support/options.js';

const { values: options } = parseArgs({
  options: {
    first: { type: 'string', default: '50000' },
    count: { type: 'string', default: '10000' },
    out: { type: 'string', default: 'runs/validation' },
  },
});
const first = wholeNumber('first', options.first, 0);
const count = wholeNumber('count', options.count);

const { images, labels, width, height, ...digits } = await loadDataset({ split: 'train', offline: true });
if (first + count > digits.count) throw new RangeError(`there are ${digits.count} training digits`);
const pixels = imageLength({ width, height, ...digits });
mkdirSync(options.out, { recursive: true });
const files = {
  'train-images-idx3-ubyte': encodeIdx({
    shape: [count, height, width],
    data: images.subarray(first * pixels, (first + count) * pixels),
  }),
  'train-labels-idx1-ubyte': encodeIdx({
    shape: [count],
    data: Uint8Array.from(labels.subarray(first, first + count)),
  }),
};
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(options.out, name), bytes);
