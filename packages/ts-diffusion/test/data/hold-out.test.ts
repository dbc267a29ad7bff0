import { expect, test } from 'vitest';
import { createDataset, imagesAt } from '../../src/data/dataset.js';
import { holdOut } from '../../src/data/hold-out.js';
import { quarterTurns } from '../../src/data/quarter-turns.js';

const labels = [...Array<number>(25).fill(0), ...Array<number>(4).fill(1), 2];
const dataset = createDataset(
  { shape: [30, 2, 2], data: Uint8Array.from({ length: 120 }, (_, i) => i) },
  { shape: [30], data: Uint8Array.from(labels) },
  'thirty images',
);

test('gray images are the same images, and have the same hash, with and without a dimension for channels', () => {
  const { images, labels: ofImages, sha256 } = dataset;
  const given = { shape: [30], data: ofImages };
  expect(createDataset({ shape: [30, 1, 2, 2], data: images }, given, 'the same').sha256).toBe(sha256);
  expect(createDataset({ shape: [30, 2, 2, 1], data: images }, given, 'two channels').sha256).not.toBe(sha256);
  const all = Array.from({ length: 30 }, (_, i) => i);
  expect(imagesAt(dataset, all, 'the same').sha256).toBe(sha256);
});

test('holds out a tenth of each class, nothing of a class of one image, and loses none', () => {
  const { train, test: heldOut } = holdOut(dataset);
  expect([...heldOut.labels]).toEqual([0, 0, 1]);
  // The tenth and the twentieth of the first class, the first of the second.
  expect([0, 1, 2].map((i) => heldOut.images[4 * i])).toEqual([4 * 9, 4 * 19, 4 * 25]);
  expect([train.count, train.classes, heldOut.classes]).toEqual([27, 3, 3]);
  const first = [...train.images, ...heldOut.images].filter((value) => value % 4 === 0);
  expect(first.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => 4 * i));
  expect(holdOut(dataset).train.sha256).toBe(train.sha256);
});

test('turns the first image not, the next by one quarter more each', () => {
  const same = createDataset(
    { shape: [5, 2, 2, 2], data: Uint8Array.from(Array<number[]>(5).fill([1, 2, 3, 4, 5, 6, 7, 8]).flat()) },
    { shape: [5], data: new Uint8Array(5) },
    'five equal images of two channels',
  );
  const { images, labels: turns } = quarterTurns(same);
  expect([...turns]).toEqual([0, 1, 2, 3, 0]);
  const image = (i: number): number[] => [...images.subarray(8 * i, 8 * i + 8)];
  // As numpy.rot90(x, k, axes=(-2, -1)).
  expect(image(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(image(1)).toEqual([2, 4, 1, 3, 6, 8, 5, 7]);
  expect(image(2)).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
  expect(image(3)).toEqual([3, 1, 4, 2, 7, 5, 8, 6]);
});
