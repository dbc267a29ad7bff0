import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inMemory, type Dataset, type Split } from '../../../src/data/dataset.js';
import { encodeIdx } from '../../../src/data/idx.js';
import type { PictureOptions } from '../../../src/data/picture-options.js';
import { openDirectory } from '../../../src/node/data/open-directory.js';
import { encodePng } from '../../../src/utils/png.js';
import { goldenNpz } from '../../golden/npz.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'data-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});
const put = (name: string, bytes: Uint8Array | string): void => {
  writeFileSync(join(root, name), bytes);
};
const open = async (name = '', split: Split = 'train', options: PictureOptions = {}): Promise<Dataset> =>
  inMemory(await openDirectory(join(root, name), { split, cache: join(root, '.cache'), ...options }));

/** Records of CIFAR's binary version: labels, then 32x32 pixels of red, of green, of blue. */
const records = (...labels: number[][]): Uint8Array =>
  Uint8Array.from(
    labels.flatMap((bytes, i) => [...bytes, ...[10, 20, 30].flatMap((plane) => Array<number>(1024).fill(plane + i))]),
  );

describe('CIFAR', () => {
  test('of a raw file and its gzipped copy one is read', async () => {
    put('data_batch_1.bin', records([7]));
    put('data_batch_1.bin.gz', gzipSync(records([7])));
    put('data_batch_2.bin.gz', gzipSync(records([3])));
    expect([...(await open()).labels]).toEqual([7, 3]);
  });

  test('names that two classes have are none', async () => {
    put('data_batch_1.bin', records([7]));
    put('batches.meta.txt', 'a\n'.repeat(10));
    expect((await open()).classNames).toBeUndefined();
  });

  test('10: the batches in order, names of classes, and the test split', async () => {
    put('data_batch_2.bin', records([7]));
    put('data_batch_1.bin.gz', gzipSync(records([3], [9])));
    put('test_batch.bin', records([5]));
    put('batches.meta.txt', `${Array.from({ length: 10 }, (_, i) => `name ${i}`).join('\n')}\n\n`);
    const data = await open();
    expect(data).toMatchObject({ count: 3, height: 32, width: 32, channels: 3, classes: 10 });
    expect([...data.labels]).toEqual([3, 9, 7]);
    expect([0, 1024, 2048, 3072].map((at) => data.images[at])).toEqual([10, 20, 30, 11]);
    expect(data.classNames?.[9]).toBe('name 9');
    expect([...(await open('', 'test')).labels]).toEqual([5]);
    expect((await open('data_batch_2.bin')).count).toBe(1);
  });

  test('100: by the fine label', async () => {
    put('train.bin', records([1, 99], [2, 0]));
    const data = await open();
    expect([data.classes, [...data.labels], data.images[3072]]).toEqual([100, [99, 0], 11]);
    await expect(open('', 'test')).rejects.toThrow(
      'contains no images of the test split; expected train.bin, test.bin',
    );
  });

  test('a file of another length, and a label that no class has', async () => {
    put('data_batch_1.bin', records([3]).subarray(1));
    await expect(open()).rejects.toThrow('3072 bytes are no whole number of records of 3073 bytes (a label and 3072');
    put('data_batch_1.bin', records([3], [10]));
    await expect(open()).rejects.toThrow('label 10 of image 1 is out of range; expected 0..9');
  });
});

describe('which data set a path is', () => {
  test('an .npz file, or a folder with one', async () => {
    put('a.npz', Buffer.from(goldenNpz.medmnist, 'base64'));
    expect((await open('a.npz')).count).toBe(4);
    expect((await open()).count).toBe(4);
    put('b.npz', '');
    await expect(open()).rejects.toThrow('holds 2 .npz files (a.npz, b.npz); name one of them');
  });

  test('a file of no kind, and nothing', async () => {
    put('a.txt', '');
    await expect(open('a.txt')).rejects.toThrow('is a file of no known data set');
    await expect(open('nowhere')).rejects.toThrow('cannot read the folder');
    await expect(open()).rejects.toThrow('contains no images of the train split');
  });

  test('IDX before pictures', async () => {
    put('train-images-idx3-ubyte', encodeIdx({ shape: [2, 8, 8], data: new Uint8Array(128) }));
    put('train-labels-idx1-ubyte', encodeIdx({ shape: [2], data: Uint8Array.of(0, 1) }));
    put('a.png', encodePng(new Uint8Array(64), 8, 8));
    expect((await open()).count).toBe(2);
  });
});

describe('images of files in another size and other channels', () => {
  beforeEach(() => {
    const images = Uint8Array.from({ length: 2 * 64 }, (_, i) => (i < 64 ? 200 : i % 8 < 4 ? 0 : 255));
    mkdirSync(join(root, 'idx'));
    put('idx/train-images-idx3-ubyte', encodeIdx({ shape: [2, 8, 8], data: images }));
    put('idx/train-labels-idx1-ubyte', encodeIdx({ shape: [2], data: Uint8Array.of(0, 1) }));
  });

  test('none wished for: the files as they are', async () => {
    const plain = await open('idx');
    expect(await open('idx', 'train', { imageSize: 8, color: 'gray' })).toEqual(plain);
  });

  test('resized, in RGB', async () => {
    const data = await open('idx', 'train', { imageSize: 16, color: 'rgb' });
    expect(data).toMatchObject({ count: 2, height: 16, width: 16, channels: 3, classes: 2 });
    expect(new Set(data.images.subarray(0, 768))).toEqual(new Set([200]));
    // A sharp edge in the middle: black at the left, white at the right, in all three planes.
    for (const plane of [0, 1, 2]) {
      const row = data.images.subarray(768 + plane * 256, 768 + plane * 256 + 16);
      expect([row[0], row[15]]).toEqual([0, 255]);
    }
  });

  test('colour to gray: luma', async () => {
    put('data_batch_1.bin', records([0]));
    const data = await open('', 'train', { color: 'gray' });
    // 0.299 * 10 + 0.587 * 20 + 0.114 * 30
    expect([data.channels, new Set(data.images)]).toEqual([undefined, new Set([18])]);
  });
});
