import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decompressed, readDataFile } from '../../src/node/data/idx-file.js';
import { createDataset } from '../../src/data/dataset.js';
import { decodeIdx, decodeIdxImages, encodeIdx } from '../../src/data/idx.js';
import { DataError } from '../../src/utils/errors.js';
import { compressedZeros } from '../formats/bombs.js';

/** Two images of 2x3, byte by byte as the format's description on the MNIST page lays them out. */
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 9, 0);

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.with(at, value);

describe('decodeIdx', () => {
  it('reads images and labels', () => {
    expect(decodeIdx(images, 'f', 3)).toEqual({
      shape: [2, 2, 3],
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255),
    });
    expect(decodeIdx(labels, 'f', 1)).toEqual({ shape: [2], data: Uint8Array.of(9, 0) });
  });

  it('reads from the middle of a buffer', () => {
    const buffer = new Uint8Array(labels.length + 3);
    buffer.set(labels, 3);
    expect([...decodeIdx(buffer.subarray(3), 'f', 1).data]).toEqual([9, 0]);
  });

  it.each([
    ['an empty file', new Uint8Array(0), '0 bytes are too few for the 4-byte IDX magic number'],
    ['a wrong magic number', changed(images, 1, 0x50), 'magic number starts with bytes 0x00 0x50 instead of 0x00 0x00'],
    ['another data type', changed(images, 2, 0x0d), 'data type 0x0d (32-bit floats) at byte 2 instead of 0x08'],
    ['an unknown data type', changed(images, 2, 0xff), 'data type 0xff (unknown) at byte 2'],
    ['labels for images', labels, '1 dimensions at byte 3 instead of 3'],
    ['a header cut short', images.subarray(0, 15), 'the file ends after 15 bytes, inside the 16-byte header'],
    ['no images', changed(images, 7, 0), 'the number of items at byte 4 is 0'],
    ['no rows', changed(images, 11, 0), 'the height at byte 8 is 0'],
    ['no columns', changed(images, 15, 0), 'the width at byte 12 is 0'],
    [
      'data cut short',
      images.subarray(0, 27),
      'promises 2x2x3 = 12 bytes of data, the file has 11 (truncated: 1 missing)',
    ],
    ['trailing bytes', Uint8Array.of(...images, 0, 0), 'the file has 14 (2 trailing)'],
    ['dimensions beyond any memory', changed(images, 4, 0xff), 'promises 4278190082x2x3 = 25669140492 bytes'],
  ])('refuses %s', (_, bytes, problem) => {
    const read = (): unknown => decodeIdx(bytes, 'a/train-images', 3);
    expect(read).toThrow(DataError);
    expect(read).toThrow('a/train-images: ');
    expect(read).toThrow(problem);
    expect(read).toThrow('expected an IDX file of images');
  });

  it('reads images in channels as encodeIdx writes them', () => {
    const array = { shape: [2, 3, 1, 2], data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i) };
    expect(decodeIdx(encodeIdx(array), 'f', 4)).toEqual(array);
    expect(decodeIdxImages(encodeIdx(array), 'f')).toEqual(array);
    expect(decodeIdxImages(images, 'f')).toEqual(decodeIdx(images, 'f', 3));
    const labelled = createDataset(decodeIdx(encodeIdx(array), 'f', 4), decodeIdx(labels, 'f', 1), 'f');
    expect(labelled).toMatchObject({ count: 2, channels: 3, height: 1, width: 2, images: array.data });
  });

  it('refuses more channels than pictures have, and none', () => {
    const many = encodeIdx({ shape: [1, 5, 1, 1], data: new Uint8Array(5) });
    expect(() => decodeIdxImages(many, 'f')).toThrow('f: the number of channels at byte 8 is 5; expected 1 to 4');
    expect(() => decodeIdxImages(changed(many, 11, 0), 'f')).toThrow('the number of channels at byte 8 is 0');
  });

  it('refuses images for labels', () => {
    expect(() => decodeIdx(images, 'f', 1)).toThrow(
      '3 dimensions at byte 3 instead of 1; expected an IDX file of labels',
    );
  });
});

describe('encodeIdx', () => {
  it('writes the very bytes', () => {
    expect(encodeIdx({ shape: [2, 2, 3], data: images.subarray(16) })).toEqual(images);
    expect(encodeIdx({ shape: [2], data: labels.subarray(8) })).toEqual(labels);
    expect([...encodeIdx({ shape: [66_000], data: new Uint8Array(66_000) }).subarray(4, 8)]).toEqual([0, 1, 1, 208]);
  });

  it('refuses data that does not fill the shape', () => {
    expect(() => encodeIdx({ shape: [2, 2], data: new Uint8Array(3) })).toThrow('shape 2x2 does not hold 3 bytes');
  });
});

describe('readDataFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'idx-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (content: Uint8Array, name = 'labels'): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('reads raw and gzipped files by content, whatever their name', async () => {
    expect([...(await readDataFile(file(labels, 'labels.gz')))]).toEqual([...labels]);
    expect([...(await readDataFile(file(gzipSync(labels), 'labels')))]).toEqual([...labels]);
  });

  it('refuses a truncated gzip stream', async () => {
    const gz = gzipSync(images);
    for (const length of [2, 9, gz.length - 9, gz.length - 1]) {
      await expect(readDataFile(file(gz.subarray(0, length)))).rejects.toThrow(
        `${join(folder, 'labels')}: the gzip stream is truncated; download the file again`,
      );
    }
  });

  it('refuses a damaged gzip stream', async () => {
    const gz = gzipSync(images);
    const badChecksum = changed(gz, gz.length - 5, (gz.at(-5) as number) ^ 1);
    await expect(readDataFile(file(badChecksum))).rejects.toThrow('the gzip stream is damaged (incorrect data check)');
    await expect(readDataFile(file(Buffer.concat([gz, Buffer.from('more')])))).rejects.toThrow('is damaged');
  });

  it('refuses 1.5 GB of zeros in 1.5 MB, at once and in little memory', async () => {
    const bomb = await compressedZeros(1500, 'gzip');
    const before = process.resourceUsage().maxRSS;
    await expect(decompressed(bomb, 'bomb.gz')).rejects.toThrow(
      /^bomb\.gz: its \d+ bytes hold more than \d+ uncompressed/,
    );
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(300_000); // KiB
  });

  it('reads blank images, which compress to a thousandth', async () => {
    const blank = encodeIdx({ shape: [1000, 28, 28], data: new Uint8Array(784_000) });
    expect((await decompressed(gzipSync(blank), 'blank')).length).toBe(blank.length);
  });

  it('names a file that is not there', async () => {
    const missing = readDataFile(join(folder, 'nothing'));
    await expect(missing).rejects.toThrow(DataError);
    await expect(missing).rejects.toThrow(`cannot read ${join(folder, 'nothing')}`);
  });
});
