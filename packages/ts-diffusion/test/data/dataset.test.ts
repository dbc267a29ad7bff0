import { expect, test } from 'vitest';
import { createDataset, imagesAt } from '../../src/data/dataset.js';
import { DataError } from '../../src/utils/errors.js';

const labels = { shape: [2], data: Uint8Array.of(0, 1) };

test.each([
  ['fewer bytes than the shape says', [2, 8, 8], 64, 'images of shape [2, 8, 8] are 128 bytes, but there are 64'],
  ['more bytes', [2, 4, 4], 64, 'images of shape [2, 4, 4] are 32 bytes, but there are 64'],
  ['flat images', [2, 32], 64, 'images of shape [2, 32]; expected [N, height, width] or [N, channels, height, width]'],
])('%s are refused', (_, shape, bytes, message) => {
  const create = (): unknown => createDataset({ shape, data: new Uint8Array(bytes) }, labels, 'here');
  expect(create).toThrow(DataError);
  expect(create).toThrow(`here: ${message}`);
});

test('rows that a data set does not have are refused', () => {
  const dataset = createDataset({ shape: [2, 1, 1], data: Uint8Array.of(5, 6) }, labels, 'here');
  expect([...imagesAt(dataset, [1, 0, 1], 'some').images]).toEqual([6, 5, 6]);
  for (const row of [2, -1, 0.5]) {
    expect(() => imagesAt(dataset, [0, row], 'some')).toThrow(`here: there is no row ${row}; it has 2 images`);
  }
});
