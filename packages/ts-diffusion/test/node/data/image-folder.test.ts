import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImageFolder } from '../../../src/node/data/image-folder.js';
import { DataError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';

/** test/golden/images.json, written by bench/golden/images.py: PNG files (in base64) and what Pillow makes of them. */
interface Golden {
  readonly height: number;
  readonly width: number;
  readonly read: Record<string, { file: string; gray: number[]; rgb: number[] }>;
  /** By bits per channel. */
  readonly refused: Record<string, string>;
}
const golden = JSON.parse(readFileSync(new URL('../golden/images.json', import.meta.url), 'utf8')) as Golden;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
/** A 2x1 image. */
const png = (...pixels: [number, number]): Uint8Array => encodePng(Uint8Array.from(pixels), 2, 1);

describe('a folder of images', () => {
  it.each(['gray', 'rgb'] as const)('is read as Pillow converts it to %s', async (mode) => {
    const cases = Object.entries(golden.read);
    for (const [name, { file }] of cases) write(`${name}.png`, Buffer.from(file, 'base64'));
    const { images, files, ...shape } = await readImageFolder(folder, { mode });
    const sorted = cases.map(([name]) => name).sort();
    const expected = sorted.flatMap((name) => golden.read[name]?.[mode] ?? []);
    expect(files).toEqual(sorted.map((name) => `${name}.png`));
    expect([...images]).toEqual(expected);
    expect(shape).toEqual({
      count: cases.length,
      height: golden.height,
      width: golden.width,
      channels: mode === 'rgb' ? 3 : 1,
      source: folder,
      sha256: createHash('sha256').update(Uint8Array.from(expected)).digest('hex'),
    });
  });

  it('is read in the order of the paths, other files aside, subfolders if asked for', async () => {
    mkdirSync(join(folder, 'b'));
    write('c.PNG', png(5, 6));
    write('a.png', png(1, 2));
    write('b/0.png', png(3, 4));
    write('receipt.json', '{}');
    expect([...(await readImageFolder(folder)).images]).toEqual([1, 2, 5, 6]);
    expect([...(await readImageFolder(folder, { recursive: true })).images]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a folder that cannot be used is named in one sentence', () => {
  const fails = async (message: string | RegExp): Promise<void> => {
    const read = readImageFolder(folder);
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow(message);
  };

  it('not there, empty, or with images only below', async () => {
    await expect(readImageFolder(join(folder, 'none'))).rejects.toThrow(
      /cannot read the folder of images .*none: ENOENT/,
    );
    await fails(`${folder} holds no PNG file (of 0 entries); expected images as *.png`);
    mkdirSync(join(folder, 'below'));
    await fails('(of 1 entries); expected images as *.png; images in subfolders are read only if asked for');
  });

  it('mixed sizes', async () => {
    const first = write('a.png', png(1, 2));
    const second = write('b.png', encodePng(new Uint8Array(6), 2, 3));
    await fails(`${second} is 2x3 but ${first} is 2x1; all images of a folder must have one size`);
  });

  it.each(Object.entries(golden.refused))('%s bits per channel', async (bits, file) => {
    const path = write('a.png', Buffer.from(file, 'base64'));
    await fails(`${path} has ${bits} bits per channel; expected 8`);
  });

  it('truncated anywhere, damaged, or no PNG at all', async () => {
    const file = encodePng(new Uint8Array(100).fill(7), 10, 10);
    for (let length = 0; length < file.length; length++) {
      const path = write('a.png', file.subarray(0, length));
      await expect(readImageFolder(folder), `${length} bytes`).rejects.toThrow(`cannot read the image ${path}: `);
    }
    const damaged = file.slice();
    damaged[50] = (damaged[50] ?? 0) ^ 1;
    write('a.png', damaged);
    await fails(/cannot read the image .*a\.png: /);
    write('a.png', 'GIF89a');
    await fails(/cannot read the image .*a\.png: /);
  });
});
