import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inMemory, type Dataset, type Split } from '../../../src/data/dataset.js';
import { openDirectory } from '../../../src/node/data/open-directory.js';
import { encodePng } from '../../../src/utils/png.js';
import { DataError } from '../../../src/utils/errors.js';

let root: string;
let folder: string;
let messages: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'described-'));
  folder = join(root, 'data');
  messages = [];
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(name: string, content: Uint8Array | string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A picture whose every pixel is `gray`. */
const picture = (gray: number): Uint8Array => encodePng(new Uint8Array(64).fill(gray), 8, 8);

async function read(split: Split = 'train', labelColumn?: string): Promise<Dataset> {
  const onMessage = (text: string): void => void messages.push(text);
  return inMemory(await openDirectory(folder, { split, labelColumn, cache: join(root, 'cache'), onMessage }));
}

/** The gray of each image by the name of its class. */
const grays = ({ images, labels, classNames }: Dataset): [string | undefined, number][] =>
  Array.from(labels, (label, i) => [classNames?.[label], images[i * 64] as number]);

const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('names of columns and pictures', () => {
  it('file_name names the picture, whatever other columns of files come first', async () => {
    put('a.png', picture(1));
    put('mask.png', picture(2));
    put('metadata.jsonl', lines({ mask_file_name: 'mask.png', file_name: 'a.png', label: 'x' }));
    expect(grays(await read())).toEqual([['x', 1]]);
    put('metadata.jsonl', lines({ mask_file_name: 'mask.png', image_file_name: 'a.png', label: 'x' }));
    await expect(read()).rejects.toThrow(
      'line 1: several columns name pictures (mask_file_name, image_file_name); call the one to train on file_name',
    );
  });

  it.each(['file_name,label,label', 'file_name, file_name ,label'])(
    'two equal columns are refused: %s',
    async (head) => {
      put('a.png', picture(1));
      put('metadata.csv', `${head}\na.png,a.png,y\n`);
      await expect(read()).rejects.toThrow(/metadata\.csv: two columns are called "(?:label|file_name)"; rename one/);
    },
  );

  it('a name in another normal form than that of the file', async () => {
    put('e\u0301.png', picture(1));
    put('\u00e8.png', picture(2));
    put('metadata.jsonl', lines({ file_name: '\u00e9.png', label: 'x' }, { file_name: 'e\u0300.png', label: 'y' }));
    expect(grays(await read())).toEqual([
      ['x', 1],
      ['y', 2],
    ]);
  });

  it.each(['\\a.png', '/a.png', '..', '..\\a.png', 'b/../../a.png'])('%s lies outside the data set', async (name) => {
    put('a.png', picture(1));
    put('metadata.jsonl', lines({ file_name: name }));
    await expect(read()).rejects.toThrow('lies outside the data set');
  });

  it('labels of the same value have the same numbers whatever line comes first', async () => {
    put('a.png', picture(1));
    put('b.png', picture(2));
    const rows = ['a.png,1\n', 'b.png,01\n'];
    for (const order of [rows, rows.reverse()]) {
      put('metadata.csv', ['file_name,label\n', ...order].join(''));
      expect(grays(await read())).toEqual([
        ['01', 2],
        ['1', 1],
      ]);
    }
  });
});

describe('metadata.jsonl and metadata.csv', () => {
  it('names of classes from the label column, whatever folders the pictures are in', async () => {
    put('a/1.png', picture(1));
    put('a/2.png', picture(2));
    put('a/b/кот.png', picture(3));
    put(
      'metadata.jsonl',
      lines(
        { file_name: 'a/1.png', label: 'dog', text: 'a dog' },
        { file_name: './a/2.png', label: 'cat', text: 'a cat' },
        { file_name: 'a/b/кот.png', label: 'cat', text: 'a cat' },
      ),
    );
    const data = await read();
    expect(data).toMatchObject({ classes: 2, classNames: ['cat', 'dog'] });
    expect(grays(data)).toEqual([
      ['cat', 2],
      ['cat', 3],
      ['dog', 1],
    ]);
    expect(messages).toEqual([]);
  });

  it('CSV: numbers as classes by their value, quoted names, CRLF', async () => {
    put('one, two.png', picture(7));
    put('b.png', picture(8));
    put('metadata.csv', 'file_name,label\r\n"one, two.png",10\r\nb.png,9\r\n');
    expect(grays(await read())).toEqual([
      ['9', 8],
      ['10', 7],
    ]);
  });

  it('the label column is chosen: a name before a number, or the one that is asked for', async () => {
    put('a.png', picture(1));
    put('b.png', picture(2));
    put(
      'metadata.jsonl',
      lines(
        { image_file_name: 'a.png', label: 0, label_name: 'zebra', colour: 'red', plain: true },
        { image_file_name: 'b.png', label: 1, label_name: 'ant', colour: 'red', plain: false },
      ),
    );
    expect((await read()).classNames).toEqual(['ant', 'zebra']);
    expect((await read('train', 'label')).classNames).toEqual(['0', '1']);
    expect((await read('train', 'colour')).classNames).toEqual(['red']);
    expect((await read('train', 'plain')).classNames).toEqual(['false', 'true']);
    await expect(read('train', 'shape')).rejects.toThrow(
      'has no column shape (columns: label, label_name, colour, plain)',
    );
  });

  it('without labels all are of one class, which a message says', async () => {
    put('a.png', picture(1));
    put('metadata.jsonl', lines({ file_name: 'a.png', text: 'a dog' }));
    const data = await read();
    expect([data.classes, data.classNames]).toEqual([1, undefined]);
    expect(messages).toEqual([expect.stringContaining('(columns: text); all pictures are of one class')]);
  });

  it('pictures that no line names, and other files, are passed over by name', async () => {
    for (const name of ['a.png', 'b.png', 'deep/c.png']) put(name, picture(1));
    put('notes.txt', '');
    put('metadata.csv', 'file_name,label\na.png,x\n');
    expect((await read()).count).toBe(1);
    expect(messages).toEqual([
      expect.stringMatching(/metadata\.csv: pictures that are not named, and passed over: b\.png, deep\/c\.png\.$/),
      expect.stringMatching(/no pictures by their names, and passed over: notes\.txt\.$/),
    ]);
  });
});

describe('splits', () => {
  it('each folder has its own file; a class has the same number in each', async () => {
    put('train/a.png', picture(1));
    put('train/b.png', picture(2));
    put('test/c.png', picture(3));
    put('validation/d.png', picture(4));
    put('train/metadata.csv', 'file_name,label\na.png,cat\nb.png,dog\n');
    put('test/metadata.csv', 'file_name,label\nc.png,dog\n');
    put('validation/metadata.jsonl', lines({ file_name: 'd.png', label: 'cat' }));
    expect(grays(await read())).toEqual([
      ['cat', 1],
      ['dog', 2],
    ]);
    const test = await read('test');
    expect([grays(test), [...test.labels], test.classes]).toEqual([[['dog', 3]], [1], 2]);
    expect(grays(await read('validation'))).toEqual([['cat', 4]]);
  });

  it('one file above the folders', async () => {
    put('train/a.png', picture(1));
    put('test/c.png', picture(3));
    put('metadata.csv', 'file_name,label\ntrain/a.png,cat\ntest/c.png,dog\n');
    expect(grays(await read())).toEqual([['cat', 1]]);
    expect(grays(await read('test'))).toEqual([['dog', 3]]);
  });

  it('a split that no line names', async () => {
    put('train/a.png', picture(1));
    put('test/c.png', picture(3));
    put('train/metadata.csv', 'file_name,label\na.png,cat\n');
    await expect(read('test')).rejects.toThrow('no pictures of the test split are named');
  });
});

describe('files that are wrong', () => {
  it.each<[string, string, string, string]>([
    [
      'named pictures that are not there',
      'csv',
      'file_name,label\na.png,x\ngone.png,x\nlost.png,y\n',
      'record 2: 2 of 3 named pictures are not there: gone.png, lost.png; add them',
    ],
    ['the same picture twice', 'csv', 'file_name,label\na.png,x\n./a.png,y\n', 'record 2: a.png is named already in'],
    ['no file_name', 'csv', 'id,label\na.png,x\n', 'record 1: no column file_name (columns: id, label); expected'],
    ['a record too short', 'csv', 'file_name,label\na.png\n', 'record 1 has 1 fields; expected 2'],
    [
      'an open quotation mark',
      'csv',
      'file_name,label\n"a.png,x\n',
      'record 2 has a quotation mark that is not closed',
    ],
    [
      'a path out of the folder',
      'jsonl',
      lines({ file_name: '../a.png', label: 1 }),
      'line 1: ../a.png lies outside the data set',
    ],
    ['an absolute path', 'jsonl', lines({ file_name: '/a.png', label: 1 }), '/a.png lies outside the data set'],
    ['no JSON', 'jsonl', '{"file_name": "a.png", "label": 1}\n{oops\n', 'line 2 is not JSON'],
    ['no object', 'jsonl', '["a.png"]\n', 'line 1 is not an object'],
    [
      'no label',
      'jsonl',
      lines({ file_name: 'a.png', label: 1 }, { file_name: 'b.png' }),
      'line 2: no value in the column label; expected the name',
    ],
    [
      'several labels',
      'jsonl',
      lines({ file_name: 'a.png', label: [1, 2] }),
      'line 1: not one value in the column label',
    ],
    ['not UTF-8', 'csv', Buffer.from([0xff, 0xfe, 0x00]) as unknown as string, 'cannot read'],
  ])('%s', async (_, ending, content, problem) => {
    put('a.png', picture(1));
    put('b.png', picture(2));
    put(`metadata.${ending}`, content);
    const failure = await read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    expect((failure as Error).message).toContain(problem);
    expect((failure as Error).message).toContain(join(folder, `metadata.${ending}`));
  });

  it('more than 256 classes', async () => {
    const rows = Array.from({ length: 257 }, (_, i) => ({ file_name: `${i}.png`, label: `class ${i}` }));
    for (const { file_name } of rows) put(file_name, picture(0));
    put('metadata.jsonl', lines(...rows));
    await expect(read()).rejects.toThrow('has 257 different values in the column label; at most 256 classes');
  });
});
