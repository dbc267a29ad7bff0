import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { inMemory, type Dataset, type Split } from '../../../src/data/dataset.js';
import { openDirectory } from '../../../src/node/data/open-directory.js';
import { ParquetFile } from '../../../src/node/data/parquet-file.js';
import { splitNameOf } from '../../../src/node/data/split-names.js';
import type { PictureReport } from '../../../src/data/picture-report.js';
import type { ReadPicturesOptions } from '../../../src/node/data/pictures.js';
import { DataError, MissingSplitError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';
import { goldenParquet } from '../../golden/parquet.js';

let root: string;
let folder: string;
let messages: string[];
let report: PictureReport | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parquet-'));
  folder = join(root, 'data');
  messages = [];
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(name: string, content: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.from(content, 'base64'));
}

async function read(
  split: Split = 'train',
  options: Partial<ReadPicturesOptions> = {},
  path = folder,
): Promise<Dataset> {
  const onMessage = (text: string): void => void messages.push(text);
  const onFiles = (files: PictureReport): void => {
    report = files;
  };
  return inMemory(await openDirectory(path, { split, cache: join(root, 'cache'), onMessage, onFiles, ...options }));
}

const pixels = Buffer.from(goldenParquet.pixels, 'base64');
/** Images of these rows as planes: [3, 8, 8] each. */
const planes = (...rows: number[]): Uint8Array =>
  Uint8Array.from(
    rows.flatMap((row) => {
      const image = [...pixels.subarray(row * 192, (row + 1) * 192)];
      return [0, 1, 2].flatMap((channel) => image.filter((_, i) => i % 3 === channel));
    }),
  );

describe('files as the Hub stores them', () => {
  it('pixels, labels and names of classes, from several files of a split, below the folder', async () => {
    put('data/train-00001-of-00002.parquet', goldenParquet.train1);
    put('data/train-00000-of-00002-0123456789abcdef.parquet', goldenParquet.train0);
    put('data/test-00000-of-00001.parquet', goldenParquet.test);
    const data = await read();
    expect(data).toMatchObject({ count: 5, channels: 3, height: 8, width: 8, classes: 3, source: folder });
    expect(data.classNames).toEqual(['dog', 'cat', 'ant']);
    expect([...data.labels]).toEqual([2, 0, 2, 1, 0]);
    expect(Buffer.from(data.images).equals(planes(0, 1, 2, 3, 4))).toBe(true);
    expect(report?.splits).toEqual([
      { name: 'test', count: 2 },
      { name: 'train', count: 5 },
    ]);
    const held = await read('test');
    expect([[...held.labels], held.classes]).toEqual([[1, 1], 3]);
    expect(Buffer.from(held.images).equals(planes(5, 6))).toBe(true);
    expect(messages).toEqual([]);
  });

  it('one file; another name of the image column, and the column of labels that is asked for', async () => {
    put('train-00000-of-00001.parquet', goldenParquet.twoLabels);
    const path = join(folder, 'train-00000-of-00001.parquet');
    const fine = await read('train', {}, path);
    expect([fine.classNames, [...fine.labels]]).toEqual([
      ['apple', 'bee'],
      [1, 0, 1],
    ]);
    expect(Buffer.from(fine.images).equals(planes(0, 1, 2))).toBe(true);
    const coarse = await read('train', { labelColumn: 'coarse_label' }, path);
    expect([coarse.classNames, [...coarse.labels]]).toEqual([['living'], [0, 0, 0]]);
    await expect(read('train', { labelColumn: 'taste' })).rejects.toThrow(
      'has no column taste (columns: fine_label, coarse_label)',
    );
  });

  it.each<[keyof typeof goldenParquet, string[] | undefined, number[], number]>([
    ['plain', ['0', '1', '2'], [2, 0, 2, 1, 0], 3],
    ['names', ['a', 'b'], [1, 0, 1], 2],
    ['bytesAlone', ['0', '1'], [0, 1], 2],
    ['version2', ['0', '1', '2'], [2, 0, 2, 1, 0], 3],
    ['unlabelled', undefined, [0, 0], 1],
  ])('%s', async (name, classNames, labels, classes) => {
    put('it.parquet', goldenParquet[name] as string);
    const data = await read();
    expect([data.classNames, [...data.labels], data.classes]).toEqual([classNames, labels, classes]);
    expect(Buffer.from(data.images).equals(planes(...labels.keys()))).toBe(true);
  });

  it.each(Object.entries(goldenParquet.compressed))('compressed: %s', async (_, file) => {
    put('it.parquet', file);
    expect(Buffer.from((await read()).images).equals(planes(0, 1, 2, 3, 4))).toBe(true);
  });

  it('a row group at a time is in memory, whatever order rows are asked for in', async () => {
    put('it.parquet', goldenParquet.plain);
    const file = await ParquetFile.open(join(folder, 'it.parquet'));
    const first = await Promise.all([4, 0, 2, 1, 3, 0].map((row) => file.image('image', row)));
    expect(first.map(({ path }) => path)).toEqual(['4.png', '0.png', '2.png', '1.png', '3.png', '0.png']);
    await expect(file.image('image', 5)).rejects.toThrow('no row 5');
  });

  it('metadata.parquet beside pictures', async () => {
    put('metadata.parquet', goldenParquet.metadata);
    put('a.png', Buffer.from(encodePng(new Uint8Array(64).fill(1), 8, 8)).toString('base64'));
    put('b.png', Buffer.from(encodePng(new Uint8Array(64).fill(2), 8, 8)).toString('base64'));
    const { classNames, images } = await read();
    expect([classNames, images[0], images[64]]).toEqual([['x', 'y'], 2, 1]);
  });
});

test.each([
  ['train-00000-of-00002.parquet', 'train'],
  ['data/test-00000-of-00001-9a3c.parquet', 'test'],
  ['plain_text/validation-00000-of-00001.parquet', 'validation'],
  ['default/test/0000.parquet', 'test'],
  ['unsupervised-00000-of-00001.parquet', 'unsupervised'],
  ['MNIST_test.parquet', 'test'],
  ['contest.parquet', 'train'],
  ['latest/testing.parquet', 'testing'],
])('%s is of the split %s', (path, split) => {
  expect(splitNameOf(path)).toBe(split);
});

describe('files that cannot be used', () => {
  it('other numbers of rows than they have: refused before anybody counts up to them', async () => {
    const file = Buffer.from(goldenParquet.unlabelled, 'base64');
    const begin = file.length - 8 - file.readUInt32LE(file.length - 8);
    const footer = file.subarray(begin, -8);
    // Thrift: an i64 field after the one before it, and 2 as a varint; instead of it 10^12.
    const places = [...footer.keys()].filter((at) => footer[at] === 0x16 && footer[at + 1] === 4);
    const many = [0x80, 0xa0, 0x94, 0xa5, 0x8d, 0x74];
    const outcomes = await Promise.all(
      places.map(async (at, i) => {
        const lying = Buffer.from([...footer.subarray(0, at + 1), ...many, ...footer.subarray(at + 2)]);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(lying.length);
        const path = join(root, `${i}.parquet`);
        writeFileSync(path, Buffer.concat([file.subarray(0, begin), lying, length, Buffer.from('PAR1')]));
        return await read('train', {}, path).then(
          ({ count }) => count,
          (error: unknown) => (error instanceof DataError ? error.message : error),
        );
      }),
    );
    expect(outcomes.filter((outcome) => /rows, and its row groups/.test(String(outcome)))).toHaveLength(2);
    for (const outcome of outcomes) expect(outcome === 2 || /rows|read/.test(String(outcome))).toBe(true);
  });

  it('a split that is not there, with those that are', async () => {
    put('train-00000-of-00001.parquet', goldenParquet.plain);
    const failure = await read('test').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MissingSplitError);
    expect((failure as Error).message).toContain('(splits: train); expected test-00000-of-00001.parquet');
    put('validation-00000-of-00001.parquet', goldenParquet.names);
    expect((await read('validation')).count).toBe(3);
  });

  it('several data sets in one folder', async () => {
    put('a/train-00000-of-00001.parquet', goldenParquet.plain);
    put('b/train-00000-of-00001.parquet', goldenParquet.plain);
    await expect(read()).rejects.toThrow(`${folder} holds several data sets (a, b); name one of these folders`);
    expect((await read('train', {}, join(folder, 'b'))).count).toBe(5);
  });

  it.each<[string, string, string]>([
    ['no images', goldenParquet.noImages, 'holds no images (columns: text, label); expected a column image'],
    ['no rows', goldenParquet.empty, 'no rows in it.parquet'],
    ['a row without a label', goldenParquet.missingLabel, 'row 1: no value in the column label'],
    ['a row without a class', goldenParquet.noClass, 'row 1: no class in the column label; expected 0 to 2'],
    ['no Parquet file', Buffer.from('hello, this is text').toString('base64'), 'cannot read the Parquet file'],
    ['an empty file', '', 'cannot read the Parquet file'],
  ])('%s', async (_, file, problem) => {
    put('it.parquet', file);
    const failure = await read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    expect((failure as Error).message).toContain(problem);
    expect((failure as Error).message).toContain(folder);
  });

  it.each([
    ['missingImage', 'it.parquet, row 1 (no picture in the column image, only its path far/away.png)'],
    ['broken', 'it.parquet, row 1 (neither a PNG, a JPEG, a WebP nor a GIF file)'],
  ] as const)('%s: named, and left out if wanted', async (name, problem) => {
    put('it.parquet', goldenParquet[name]);
    await expect(read()).rejects.toThrow(`1 of 2 pictures in ${folder} cannot be read: ${problem}`);
    const data = await read('train', { skipBroken: true });
    expect([data.count, [...data.labels]]).toEqual([1, [0]]);
  });

  it('cut short or damaged anywhere: one sentence', async () => {
    const whole = Buffer.from(goldenParquet.train0, 'base64');
    for (const length of [4, 100, whole.length - 1]) {
      put('it.parquet', whole.subarray(0, length).toString('base64'));
      await expect(read()).rejects.toBeInstanceOf(DataError);
    }
    const torn = Buffer.from(whole);
    torn.fill(0, 4, 200);
    put('it.parquet', torn.toString('base64'));
    await expect(read()).rejects.toBeInstanceOf(DataError);
    expect(readFileSync(join(folder, 'it.parquet'))).toHaveLength(whole.length);
  });
});
