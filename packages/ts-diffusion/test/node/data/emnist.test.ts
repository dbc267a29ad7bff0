import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeIdx } from '../../../src/data/idx.js';
import { loadDirectory } from '../../../src/node/data/directory.js';
import { DataError } from '../../../src/utils/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emnist-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** An L of four rows and three columns, upright. */
const L = [
  [1, 0, 0],
  [1, 0, 0],
  [1, 0, 0],
  [1, 1, 1],
];

/** As EMNIST stores it: column by column. */
const stored = [0, 1, 2].flatMap((x) => L.map((row) => row[x] as number));

/** A pair of files of a set, in which each label has an L. */
function put(set: string, labels: number[], part = 'train'): void {
  const images = encodeIdx({ shape: [labels.length, 3, 4], data: Uint8Array.from(labels.flatMap(() => stored)) });
  writeFileSync(join(folder, `${set}-${part}-images-idx3-ubyte.gz`), gzipSync(images));
  const encoded = encodeIdx({ shape: [labels.length], data: Uint8Array.from(labels) });
  writeFileSync(join(folder, `${set}-${part}-labels-idx1-ubyte.gz`), gzipSync(encoded));
}

const map = (set: string, text: string): void => {
  writeFileSync(join(folder, `${set}-mapping.txt`), text);
};

it('images upright, letters 1 to 26 as classes 0 to 25 with their names', async () => {
  put('emnist-letters', [12, 1, 26]);
  const expected = { count: 3, height: 4, width: 3, classes: 26, labels: Uint8Array.of(11, 0, 25) };
  const bare = await loadDirectory(folder, 'train');
  expect(bare).toMatchObject(expected);
  expect([...bare.images]).toEqual([0, 1, 2].flatMap(() => L.flat()));
  // The file that comes with them: label, capital, small letter.
  map('emnist-letters', Array.from({ length: 26 }, (_, i) => `${i + 1} ${65 + i} ${97 + i}`).join('\n'));
  const mapped = await loadDirectory(folder, 'train');
  expect(mapped).toEqual(bare);
  expect(mapped.classNames?.join('')).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
});

it('other sets by their mapping: digits, capitals, and small letters that look different; the test split too', async () => {
  put('emnist-balanced', [0, 36, 10]);
  put('emnist-balanced', [46], 'test');
  const codes = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt').toJSON().data;
  map('emnist-balanced', codes.map((code, label) => `${label} ${code}\r\n`).join(''));
  const { labels, classNames, classes } = await loadDirectory(folder, 'train');
  expect([classes, Array.from(labels, (label) => classNames?.[label])]).toEqual([47, ['0', 'a', 'A']]);
  const test = await loadDirectory(folder, 'test');
  expect([test.classNames?.[46], [...test.labels], test.classes]).toEqual(['t', [46], 47]);
});

it('without a mapping the labels stay as they are', async () => {
  put('emnist-digits', [3, 9]);
  const { labels, classNames, classes, height } = await loadDirectory(folder, 'train');
  expect([[...labels], classNames, classes, height]).toEqual([[3, 9], undefined, 10, 4]);
});

it.each([
  ['1 65\n2\n', 'line 2: "2"; expected a label and the code of its character, as "1 65"'],
  ['1 65\n300 66\n', 'line 2: "300 66"; expected'],
  ['1 65\n', 'emnist-letters-mapping.txt lacks label 12, which image 0 has'],
])('a mapping of %j is refused', async (text, problem) => {
  put('emnist-letters', [12]);
  map('emnist-letters', text);
  const failure: unknown = await loadDirectory(folder, 'train').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DataError);
  expect((failure as Error).message).toContain(problem);
});

it('two lines for one label are refused', async () => {
  put('emnist-balanced', [0, 1]);
  map('emnist-balanced', '0 48\n1 49\n0 50\n');
  await expect(loadDirectory(folder, 'train')).rejects.toThrow('mapping.txt has two lines for label 0');
});

it('files of other names are not turned', async () => {
  put('letters', [1]);
  expect([...(await loadDirectory(folder, 'train')).images]).toEqual(stored);
});
