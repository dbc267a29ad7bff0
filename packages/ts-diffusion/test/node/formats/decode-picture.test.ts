import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../src/node/formats/decode-picture.js';
import { isColoured, onBlack, transparency, type Picture } from '../../../src/formats/picture.js';
import { DataError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';
import { goldenImages } from '../../golden/images.js';
import { compressedZeros } from '../../formats/bombs.js';
import { pngFile } from '../../formats/png-file.js';

const { width, height } = goldenImages;
const fromBase64 = (file: string): Uint8Array => Buffer.from(file, 'base64');

/** Red, green, blue and alpha of each pixel, in hexadecimal. */
function rgba({ data, channels }: Picture): string {
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const pixels = Array.from({ length: data.length / channels }, (_, pixel) => {
    const at = pixel * channels;
    const alpha = channels % 2 === 0 ? data[at + channels - 1] : 255;
    return [data[at], data[at + green], data[at + blue], alpha].map((value) => value ?? NaN);
  });
  return Buffer.from(pixels.flat()).toString('hex');
}

describe('decoding', () => {
  const cases = { ...goldenImages.cases, ...goldenImages.others };

  it('is tested on every colour type and depth', () => {
    expect(Object.keys(cases).length).toBe(96);
  });

  it.each(Object.entries(cases))('%s: the pixels that Pillow reads', async (name, golden) => {
    const picture = await decodePicture(fromBase64(golden.file), name);
    expect([picture.width, picture.height]).toEqual([width, height]);
    expect(rgba(picture)).toBe(golden.rgba);
  });

  it.each(Object.entries(goldenImages.composited))('%s on black: as Pillow pastes it', async (mode, golden) => {
    const picture = await decodePicture(fromBase64(golden.file), mode);
    expect(Buffer.from(onBlack(picture, 3)).toString('hex')).toBe(golden.rgb);
    expect(Buffer.from(onBlack(picture, 1)).toString('hex')).toBe(golden.gray);
    expect(isColoured(picture)).toBe(mode.startsWith('RGB'));
    expect(transparency(picture) !== null).toBe(mode.endsWith('A'));
  });

  it('calls a picture opaque whose alpha is 255 everywhere', () => {
    expect(transparency({ width: 2, height: 1, channels: 2, data: Uint8Array.of(0, 255, 9, 255) })).toBeNull();
    const alpha = transparency({ width: 2, height: 1, channels: 2, data: Uint8Array.of(0, 255, 9, 254) });
    expect([...(alpha ?? [])]).toEqual([255, 254]);
  });
});

describe('a file that is no picture is refused in one sentence', () => {
  const failure = async (file: Uint8Array, limits?: { pixels: number }): Promise<string> => {
    const error: unknown = await decodePicture(file, 'a.png', limits && { limits }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    return (error as DataError).message;
  };

  it('of another kind', async () => {
    expect(await failure(Buffer.from('GIF89a'))).toBe(
      'cannot read the image a.png: neither a PNG, a JPEG nor a WebP file',
    );
    expect(await failure(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toContain('neither');
    expect(await failure(new Uint8Array())).toContain('neither');
  });

  it('truncated or damaged anywhere before the end mark', async () => {
    const file = encodePng(
      Uint8Array.from({ length: 100 }, (_, i) => 7 * i),
      10,
      10,
    );
    const endMark = 12;
    for (let length = 8; length < file.length - endMark; length++) {
      expect(await failure(file.subarray(0, length)), `${length} bytes`).toContain('damaged or truncated');
    }
    for (let at = 8; at < file.length - endMark; at++) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(await failure(damaged), `byte ${at}`).toContain('cannot read the image a.png');
    }
  });

  it('beyond the limits, by its header', async () => {
    const file = pngFile(20_000, 20_000, deflateSync(new Uint8Array(10)));
    expect(await failure(file)).toBe(
      'cannot read the image a.png: more than 16777216 pixels; make the picture smaller',
    );
    expect(await failure(encodePng(new Uint8Array(12), 4, 3), { pixels: 11 })).toContain('more than 11 pixels');
  });
});

it('data that inflate to 600 MB behind a small header take no memory', async () => {
  const bomb = await compressedZeros(600);
  const before = process.resourceUsage().maxRSS;
  const picture = await decodePicture(pngFile(28, 28, bomb), 'bomb.png');
  expect([picture.width, picture.height]).toEqual([28, 28]);
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000); // KiB
});
