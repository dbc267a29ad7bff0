import { encode } from 'fast-png';
import { createHash } from 'node:crypto';
import { scoredImages, scoredPlanes, selectImages } from '../../src/evaluation/scored-images.js';
import { readScoredImages } from '../../src/node/evaluation/read-scored-images.js';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeIdx } from '../../src/data/idx.js';
import { DataError } from '../../src/utils/errors.js';
import { encodePng } from '../../src/utils/png.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const png = (byte: number, size = 4) => encodePng(new Uint8Array(size * size).fill(byte), size, size);
const put = (name: string, data: Uint8Array) => {
  writeFileSync(join(folder, name), data);
};
const failure = async (path = folder) => {
  const error: unknown = await readScoredImages(path, 'test').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
};

describe('images to be scored', () => {
  test('from PNG files, with the labels of their names', async () => {
    put('0-7.png', png(10));
    put('1-3.png', png(20));
    const set = await readScoredImages(folder, 'test');
    expect([set.count, set.height, set.width]).toEqual([2, 4, 4]);
    expect([...(set.labels ?? [])]).toEqual([7, 3]);
    expect([set.images[0], set.images[16]]).toEqual([10, 20]);
    put('2-none.png', png(30));
    expect((await readScoredImages(folder, 'test')).labels).toBeNull();
  });

  test.each([
    ['counters', ['sample-7.png', 'sample-8.png']],
    ['counters of a run', ['run-0-12.png', 'run-1-13.png']],
    ['a gap in the indices', ['0-7.png', '2-3.png']],
    ['dates', ['2020-01.png', '2020-02.png']],
  ])('without labels where the names have %s', async (_, names) => {
    names.forEach((name, i) => {
      put(name, png(i));
    });
    const messages: string[] = [];
    expect((await readScoredImages(folder, 'test', (text) => messages.push(text))).labels).toBeNull();
    if (names[0] !== 'sample-7.png') expect(messages.join()).toContain('labels are unknown');
  });

  test('in colour: luma for the networks of digits, RGB for FID', async () => {
    const data = Uint8Array.of(100, 50, 25, 200, 100, 50);
    put('a.png', encode({ data, width: 2, height: 1, channels: 3, depth: 8 }));
    put('b.png', encode({ data: data.map((value) => value / 2), width: 2, height: 1, channels: 3, depth: 8 }));
    const set = await readScoredImages(folder, 'test');
    // ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
    expect([...set.images]).toEqual([62, 124, 31, 62]);
    expect([...(set.colours ?? [])]).toEqual([...data, ...data.map((value) => value / 2)]);
    expect([...(selectImages(set, [1], 'one').colours ?? [])]).toEqual([...data.map((value) => value / 2)]);
    expect(set.sha256).toBe(
      createHash('sha256')
        .update(set.colours ?? '')
        .digest('hex'),
    );
  });

  test('not from hidden files and folders named like data', async () => {
    mkdirSync(join(folder, 'train-images-idx3-ubyte'));
    put('.train-images-idx3-ubyte', Uint8Array.of(1));
    put('a.png', png(10));
    expect((await readScoredImages(folder, 'test')).count).toBe(1);
  });

  test('from a folder of IDX files and from a file', async () => {
    put('samples-images-idx3-ubyte', encodeIdx({ shape: [3, 2, 2], data: new Uint8Array(12).fill(5) }));
    put('samples-labels-idx1-ubyte', encodeIdx({ shape: [3], data: Uint8Array.of(2, 1, 0) }));
    for (const path of [folder, join(folder, 'samples-images-idx3-ubyte')]) {
      const set = await readScoredImages(path, 'test');
      expect([set.count, ...(set.labels ?? [])]).toEqual([3, 2, 1, 0]);
    }
    rmSync(join(folder, 'samples-labels-idx1-ubyte'));
    expect((await readScoredImages(join(folder, 'samples-images-idx3-ubyte'), 'test')).labels).toBeNull();
  });

  test('in channels from IDX files', async () => {
    const data = Uint8Array.from({ length: 2 * 3 }, (_, i) => 40 * i);
    put('samples-images-idx4-ubyte', encodeIdx({ shape: [2, 3, 1, 1], data }));
    const alone = await readScoredImages(join(folder, 'samples-images-idx4-ubyte'), 'test');
    put('samples-labels-idx1-ubyte', encodeIdx({ shape: [2], data: Uint8Array.of(1, 0) }));
    for (const path of [folder, join(folder, 'samples-images-idx4-ubyte')]) {
      const set = await readScoredImages(path, 'test');
      expect([set.count, ...(set.labels ?? []), ...(set.colours ?? [])]).toEqual([2, 1, 0, ...data]);
    }
    expect(alone).toMatchObject({ labels: null, count: 2, colours: data });
  });

  test('of a folder with both splits, the one asked for', async () => {
    for (const [split, count] of [
      ['train', 2],
      ['t10k', 1],
    ] as const) {
      put(`${split}-images-idx3-ubyte`, encodeIdx({ shape: [count, 1, 1], data: new Uint8Array(count) }));
      put(`${split}-labels-idx1-ubyte`, encodeIdx({ shape: [count], data: new Uint8Array(count) }));
    }
    expect((await readScoredImages(folder, 'test')).count).toBe(1);
    expect((await readScoredImages(folder, 'train')).count).toBe(2);
  });

  test('say in one sentence what is wrong with them', async () => {
    expect(await failure(join(folder, 'missing'))).toContain('no such file or folder of images');
    mkdirSync(join(folder, 'empty'));
    expect(await failure(join(folder, 'empty'))).toContain('contains no images');
    put('a.png', png(1));
    put('b.png', png(1, 5));
    expect(await failure()).toMatch(/b\.png is 5x5 but .*a\.png is 4x4; all images of a folder must have one size/);
    put('b.png', png(1).subarray(0, 40));
    expect(await failure()).toMatch(/cannot read the image .*b\.png/);
    put('cut-images-idx3-ubyte', encodeIdx({ shape: [3, 2, 2], data: new Uint8Array(12) }).subarray(0, 20));
    expect(await failure(join(folder, 'cut-images-idx3-ubyte'))).toContain('truncated');
  });
});

test('drawn images in planes are scored in gray (luma), and in their colours', () => {
  const planes = Uint8Array.of(255, 0, 128, 0, 0, 255); // two pixels: (255, 128, 0) and (0, 0, 255)
  const size = { height: 1, width: 2 };
  const { images, colours, count, labels } = scoredPlanes(planes, { ...size, channels: 3 }, [7], 'drawn');
  expect([[...images], [...(colours ?? [])], count, [...(labels ?? [])]]).toEqual([
    [151, 29], // 0.299 R + 0.587 G + 0.114 B, ITU-R BT.601
    [255, 128, 0, 0, 0, 255],
    1,
    [7],
  ]);
  const transparent = Uint8Array.of(200, 100, 255, 0);
  expect([...scoredPlanes(transparent, { ...size, channels: 2 }, null, 'x').images]).toEqual([200, 0]);
  expect(scoredPlanes(planes, size, null, 'gray')).toEqual(scoredImages(planes, size, null, 'gray'));
});
