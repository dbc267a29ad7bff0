import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from 'fast-png';
import { readImageFolder } from '../../../src/node/data/image-folder.js';
import { DataError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';
import { goldenImages } from '../../golden/images.js';

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
  it.each(['gray', 'rgb'] as const)('is read as Pillow pastes it on black, in %s', async (mode) => {
    const cases = Object.entries(goldenImages.composited).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, { file }] of cases) write(`${name}.png`, Buffer.from(file, 'base64'));
    const messages: string[] = [];
    const read = await readImageFolder(folder, { mode, onMessage: (text) => messages.push(text) });
    const { images, files, ...shape } = read;
    expect(files).toEqual(cases.map(([name]) => `${name}.png`));
    const expected = Buffer.from(cases.map(([, golden]) => golden[mode]).join(''), 'hex');
    expect(Buffer.from(images).equals(expected)).toBe(true);
    expect(shape).toEqual({
      count: cases.length,
      height: goldenImages.height,
      width: goldenImages.width,
      channels: mode === 'rgb' ? 3 : 1,
      source: folder,
      sha256: createHash('sha256').update(expected).digest('hex'),
    });
    const colours = `${folder}: 2 of 4 images are coloured and are converted to grey (luma).`;
    const alpha = `${folder}: 2 of 4 images have transparent pixels, which are read as black.`;
    expect(messages).toEqual(mode === 'gray' ? [colours, alpha] : [alpha]);
  });

  it('has three channels of its own only where a picture is coloured', async () => {
    write('a.png', png(1, 2));
    expect(await readImageFolder(folder, { mode: 'own' })).toMatchObject({ channels: 1, images: Uint8Array.of(1, 2) });
    const colour = { data: Uint8Array.of(9, 8, 7, 6, 5, 4), width: 2, height: 1, channels: 3, depth: 8 } as const;
    write('b.png', encode(colour));
    const { channels, images } = await readImageFolder(folder, { mode: 'own' });
    expect([channels, ...images]).toEqual([3, 1, 1, 1, 2, 2, 2, 9, 8, 7, 6, 5, 4]);
  });

  it('without hidden files, hidden folders, and folders named like pictures', async () => {
    for (const name of ['x.png', '.thumbnails', 'below']) mkdirSync(join(folder, name));
    for (const name of ['.hidden.png', '._a.png', '.thumbnails/b.png']) write(name, 'no picture');
    write('a.png', png(1, 2));
    write('below/c.png', png(3, 4));
    symlinkSync(join(folder, 'a.png'), join(folder, 'z.png'));
    expect((await readImageFolder(folder)).files).toEqual(['a.png', 'z.png']);
    expect((await readImageFolder(folder, { recursive: true })).files).toEqual(['a.png', 'below/c.png', 'z.png']);
  });

  it('with every picture by its name: a link that leads nowhere is named', async () => {
    write('a.png', png(1, 2));
    symlinkSync(join(folder, 'nothing.png'), join(folder, 'dangling.png'));
    await expect(readImageFolder(folder)).rejects.toThrow(`cannot read ${join(folder, 'dangling.png')}: ENOENT`);
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
    await expect(readImageFolder(join(folder, 'none'))).rejects.toThrow(/cannot read the folder .*none: ENOENT/);
    await fails(`${folder} contains no images (in 0 files); expected *.png, *.jpg or *.webp`);
    mkdirSync(join(folder, 'below'));
    await fails('(in 0 files); expected *.png, *.jpg or *.webp; images in subfolders are read only if asked for');
  });

  it('mixed sizes', async () => {
    const first = write('a.png', png(1, 2));
    const second = write('b.png', encodePng(new Uint8Array(6), 2, 3));
    await fails(`${second} is 2x3 but ${first} is 2x1; all images of a folder must have one size`);
  });

  it('a damaged picture, or none at all', async () => {
    const path = write('a.png', png(1, 2).subarray(0, 50));
    await fails(`cannot read the image ${path}: damaged or truncated`);
    write('a.png', 'GIF89a');
    await fails(/cannot read the image .*a\.png: /);
  });
});
