import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { goldenParquet } from '../../../ts-diffusion/test/golden/parquet.js';
import { runCli } from './run-cli.js';

const root = mkdtempSync(join(tmpdir(), 'data-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

function look(...args: string[]): string {
  const { code, stdout, stderr } = runCli(['data', ...args], root, { DIFFUSION_CACHE_DIR: join(root, 'cache') });
  expect(code, stderr).toBe(0);
  return stdout;
}

test('a folder of pictures: counts, classes, sizes, copies, broken files, and a sheet with a row for each class', async () => {
  const put = async (name: string, colour: string, width: number): Promise<void> => {
    mkdirSync(join(root, 'pets', name, '..'), { recursive: true });
    const create = { width, height: 10, channels: 3, background: colour } as const;
    await sharp({ create })
      .png()
      .toFile(join(root, 'pets', name));
  };
  await put('cat/a.png', '#ff0000', 10);
  await put('cat/b.png', '#ff0000', 10);
  await put('cat/c.png', '#00ff00', 12);
  await put('dog/d.png', '#0000ff', 10);
  writeFileSync(join(root, 'pets/dog/torn.webp'), '');
  const out = look('--data', 'pets', '--image-size', '8', '-o', 'sheet.png', '--scale', '1');
  expect(out).toMatch(/^data +4 images of 8x8 RGB from pets$/m);
  expect(out).toMatch(/^classes +cat, dog\n {2}cat: 3\n {2}dog: 1$/m);
  expect(out).toMatch(/^files +5: 3 of 10x10, 1 of 12x10$/m);
  expect(out).toMatch(/^broken +1\n {2}dog\/torn\.webp \(an empty file\)$/m);
  expect(out).toMatch(/^copies +1 files that others equal: cat\/b\.png = cat\/a\.png$/m);
  const { data, info } = await sharp(join(root, 'sheet.png')).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([10 * 10 + 2, 2 * 10 + 2, 3]);
  const pixel = (column: number, row: number) => {
    const at = ((row * 10 + 6) * info.width + column * 10 + 6) * 3;
    return [...data.subarray(at, at + 3)];
  };
  expect([pixel(0, 0), pixel(2, 0), pixel(3, 0)]).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 0],
  ]);
  expect([pixel(0, 1), pixel(1, 1)]).toEqual([
    [0, 0, 255],
    [0, 0, 0],
  ]);
});

test('IDX files: images that others equal, by their place', () => {
  mkdirSync(join(root, 'idx'));
  const images = Uint8Array.from({ length: 4 * 64 }, (_, i) => (i < 192 ? Math.floor(i / 64) : 0));
  writeFileSync(join(root, 'idx/train-images-idx3-ubyte'), encodeIdx({ shape: [4, 8, 8], data: images }));
  writeFileSync(join(root, 'idx/train-labels-idx1-ubyte'), encodeIdx({ shape: [4], data: Uint8Array.of(0, 2, 2, 0) }));
  const out = look('--data', 'idx');
  expect(out).toMatch(/^data +4 images of 8x8 from /m);
  expect(out).toMatch(/^ {2}0: 2\n {2}1: 0\n {2}2: 2$/m);
  expect(out).toMatch(/^copies +1 images that others equal: 3 = 0$/m);
});

test('Parquet files: the splits and their sizes, classes by name, the rows that are broken', () => {
  mkdirSync(join(root, 'tables'));
  const put = (name: string, file: string): void => {
    writeFileSync(join(root, 'tables', name), Buffer.from(file, 'base64'));
  };
  put('train-00000-of-00002.parquet', goldenParquet.train0);
  put('train-00001-of-00002.parquet', goldenParquet.train1);
  put('test-00000-of-00001.parquet', goldenParquet.test);
  const out = look('--data', 'tables');
  expect(out).toMatch(/^data +5 images of 8x8 RGB from tables$/m);
  expect(out).toMatch(/^classes +dog, cat, ant\n {2}dog: 2\n {2}cat: 1\n {2}ant: 2$/m);
  expect(out).toMatch(/^splits +test: 2, train: 5\nfiles +5: 5 of 8x8\nbroken +0$/m);
  expect(look('--data', 'tables', '--split', 'test')).toMatch(/^ {2}dog: 0\n {2}cat: 2\n {2}ant: 0$/m);
  put('train-00001-of-00002.parquet', goldenParquet.broken);
  expect(look('--data', 'tables', '--label-column', 'label')).toMatch(
    /^broken +1\n {2}train-00001-of-00002\.parquet, row 1 \(neither a PNG/m,
  );
});
