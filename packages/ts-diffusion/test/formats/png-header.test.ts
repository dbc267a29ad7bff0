import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isWholePng, pngSize } from '../../src/formats/png-header.js';
import { encodePng } from '../../src/utils/png.js';
import { pngFile } from './png-file.js';

const file = encodePng(new Uint8Array(12).fill(7), 4, 3);

test('a PNG file is whole, whoever wrote it', () => {
  expect(isWholePng(file)).toBe(true);
  expect(pngSize(file)).toEqual({ width: 4, height: 3, channels: 1 });
  expect(isWholePng(pngFile(4, 3, deflateSync(new Uint8Array(15))))).toBe(true);
});

test('one that ends early, goes on, or has any byte changed is not', () => {
  for (let length = 0; length < file.length; length++) expect(isWholePng(file.subarray(0, length))).toBe(false);
  expect(isWholePng(Uint8Array.of(...file, 0))).toBe(false);
  for (const at of file.keys()) {
    const changed = file.slice();
    changed[at] = (changed[at] as number) ^ 1;
    expect(isWholePng(changed), `byte ${at}`).toBe(false);
  }
});

test('the end of one alone is not, nor is one without its header', () => {
  expect(isWholePng(file.subarray(-12))).toBe(false);
  expect(isWholePng(Uint8Array.of(...file.subarray(0, 8), ...file.subarray(-12)))).toBe(false);
});
