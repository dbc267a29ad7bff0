import { basename, dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { beside } from '../src/output/write-images.js';

test.each([
  ['edits.png', 'edits.gif'],
  ['a/edits.JPEG', 'a/edits.gif'],
  ['samples/', 'samples.gif'],
  ['a/b', 'a/b.gif'],
  ['.', `${resolve('.')}.gif`],
  ['./', `${resolve('.')}.gif`],
  ['..', `${resolve('..')}.gif`],
  ['a/..', `${resolve('.')}.gif`],
])('beside %s lies %s', (out, expected) => {
  expect(beside(out, '.gif')).toBe(expected);
});

test('beside a folder lies nothing hidden', () => {
  expect(basename(beside('.', '.gif'))).toBe(`${basename(process.cwd())}.gif`);
  expect(dirname(beside('.', '.gif'))).toBe(dirname(process.cwd()));
});
