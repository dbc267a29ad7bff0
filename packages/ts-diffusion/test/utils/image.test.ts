import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { enlarge } from '../../src/utils/enlarge.js';
import { imageGrid } from '../../src/utils/image-grid.js';
import { interleaved, planar } from '../../src/utils/interleaved.js';
import { toBytes } from '../../src/utils/pixel-range.js';
import { toRgba } from '../../src/utils/rgba.js';
import { encodePng } from '../../src/utils/png.js';

/** Reads a PNG by its specification (ISO/IEC 15948): chunks of length, type, data, CRC; IDAT is zlib over filtered rows. */
function readChunks(png: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return chunks;
}

describe('encodePng', () => {
  it('writes an 8-bit grayscale PNG with the given pixels', () => {
    const pixels = Uint8Array.of(0, 128, 255, 7, 8, 9);
    const chunks = readChunks(encodePng(pixels, 3, 2));
    const header = chunks.get('IHDR') as Buffer;
    // width, height, bit depth 8, colour type 0 (grayscale), deflate, adaptive filtering, no interlace
    expect([header.readUInt32BE(0), header.readUInt32BE(4), ...header.subarray(8)]).toEqual([3, 2, 8, 0, 0, 0, 0]);
    const rows = inflateSync(chunks.get('IDAT') as Buffer);
    expect([...rows]).toEqual([0, 0, 128, 255, 0, 7, 8, 9]); // each row behind filter type 0 (none)
    expect(chunks.has('IEND')).toBe(true);
  });

  it.each([
    [2, 4],
    [3, 2],
    [4, 6],
  ] as const)('writes %d channels as colour type %d', (channels, colourType) => {
    const pixels = Uint8Array.from({ length: 2 * channels }, (_, i) => 20 * i);
    const chunks = readChunks(encodePng(pixels, 2, 1, channels));
    expect([...(chunks.get('IHDR') as Buffer).subarray(8, 10)]).toEqual([8, colourType]);
    expect([...inflateSync(chunks.get('IDAT') as Buffer)]).toEqual([0, ...pixels]);
  });

  it('refuses data of another size', () => {
    const colour = 'an image of 3x2 in 3 channels has 18 samples, got 6';
    expect(() => encodePng(new Uint8Array(6), 3, 2, 3)).toThrow(colour);
    expect(() => encodePng(new Uint8Array(5), 3, 2)).toThrow('an image of 3x2 has 6 pixels, got 5');
  });
});

describe('imageGrid', () => {
  const images = Uint8Array.of(1, 2, 3, 4, 5, 6); // three images of 1x2

  it('places images row by row with padding, leaving the rest black', () => {
    const { data, width, height } = imageGrid(images, { height: 1, width: 2 }, 2, 1);
    expect([width, height]).toEqual([7, 5]);
    expect([...data]).toEqual(
      [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 0, 0, 0],
        [0, 5, 6, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
      ].flat(),
    );
  });

  it('without padding and in one column is the images themselves', () => {
    expect(imageGrid(images, { height: 1, width: 2 }, 1, 0)).toEqual({
      data: images,
      width: 2,
      height: 3,
      channels: 1,
    });
  });

  it('takes the planes of colour images apart into pixels', () => {
    const planes = Uint8Array.of(1, 2, 11, 12, 21, 22, 3, 4, 13, 14, 23, 24); // two images of 1x2 in three channels
    const { data, ...size } = imageGrid(planes, { height: 1, width: 2, channels: 3 }, 2, 0);
    expect(size).toEqual({ width: 4, height: 1, channels: 3 });
    expect([...data]).toEqual([1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24]);
    const { data: large } = enlarge({ data: data.subarray(0, 6), width: 2, height: 1, channels: 3 }, 2);
    const row = [1, 11, 21, 1, 11, 21, 2, 12, 22, 2, 12, 22];
    expect([...large]).toEqual([...row, ...row]);
    expect(planar(interleaved(planes.subarray(0, 6), 3), 3)).toEqual(planes.subarray(0, 6));
    expect(() => interleaved(planes, 6)).toThrow('interleaved: "channels" is 6; expected 1 to 4 channels.');
  });

  it('refuses partial images and no columns', () => {
    expect(() => imageGrid(images, { height: 2, width: 2 }, 1)).toThrow('6 bytes are no whole number of 2x2 images');
    expect(() => imageGrid(images, { height: 1, width: 2 }, 0)).toThrow('columns, got 0');
  });
});

describe('toBytes', () => {
  it('maps [-1, 1] to 0..255, rounds to nearest and clamps', () => {
    const x = Float32Array.of(-1, 1, 0.1, -3, 3, -Infinity, Infinity, NaN, -1 + 1.4 / 127.5, -1 + 1.6 / 127.5);
    expect([...toBytes(x)]).toEqual([0, 255, 140, 0, 255, 0, 255, 0, 1, 2]);
  });
});

describe('toRgba', () => {
  it.each([
    [
      [7, 9],
      [7, 7, 7, 255, 9, 9, 9, 255],
    ],
    [
      [7, 9, 40, 50],
      [7, 7, 7, 40, 9, 9, 9, 50],
    ],
    [
      [1, 2, 3, 4, 5, 6],
      [1, 3, 5, 255, 2, 4, 6, 255],
    ],
    [
      [1, 2, 3, 4, 5, 6, 40, 50],
      [1, 3, 5, 40, 2, 4, 6, 50],
    ],
  ])('two pixels from the planes %j', (planes, expected) => {
    expect([...toRgba(Uint8Array.from(planes), 2)]).toEqual(expected);
  });
});
