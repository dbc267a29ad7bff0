import { decodeFrames } from 'modern-gif';
import { describe, expect, it } from 'vitest';
import { encodeGif } from '../../src/utils/gif.js';

const frame = (value: (i: number) => number, delay: number) => ({
  data: Uint8Array.from({ length: 60 * 40 }, (_, i) => value(i)),
  width: 60,
  height: 40,
  delay,
});

describe('encodeGif', () => {
  const frames = [frame((i) => (i * 7919) % 256, 100), frame((i) => Math.floor(i / 10), 40), frame(() => 255, 1500)];

  it('keeps every pixel within half a step of 32 gray levels, and the delays', async () => {
    const decoded = decodeFrames(Uint8Array.from(await encodeGif(frames)));
    expect(decoded.map(({ delay }) => delay)).toEqual([100, 40, 1500]);
    decoded.forEach(({ width, height, data }, i) => {
      expect([width, height]).toEqual([60, 40]);
      const opaqueGray = Array.from(frames[i]?.data ?? [], (gray) => [gray, gray, gray, 255]).flat();
      expect(data).toBeCloseToTensor(opaqueGray, { atol: 255 / 31 / 2 + 1.5 });
    });
  });

  it('keeps colours, and lays alpha on black', async () => {
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [250, 240, 10],
    ];
    const ofPixels = (alpha: readonly number[]) =>
      Uint8Array.from(Array.from({ length: 1600 }, (_, i) => [...(colours[i % 4] ?? []), ...alpha]).flat());
    const size = { width: 40, height: 40, delay: 100 };
    const [rgb, clear] = decodeFrames(
      Uint8Array.from(
        await encodeGif([
          { data: ofPixels([]), channels: 3, ...size },
          { data: ofPixels([0]), channels: 4, ...size },
        ]),
      ),
    );
    expect(rgb?.data).toBeCloseToTensor([...ofPixels([255])], { atol: 8 });
    expect(clear?.data).toBeCloseToTensor(Array.from({ length: 1600 }, () => [0, 0, 0, 255]).flat(), { atol: 2 });
  });

  it('is a GIF that repeats forever', async () => {
    const file = Buffer.from(await encodeGif(frames));
    expect(file.subarray(0, 6).toString('latin1')).toBe('GIF89a');
    expect([file.readUInt16LE(6), file.readUInt16LE(8), file.at(-1)]).toEqual([60, 40, 0x3b]);
    // Application extension of Netscape: sub-block of 3 bytes, id 1, repetitions 0.
    const at = file.indexOf('NETSCAPE2.0', 0, 'latin1') + 11;
    expect([...file.subarray(at, at + 5)]).toEqual([3, 1, 0, 0, 0]);
  });

  it('refuses no frames, and frames of different sizes', async () => {
    await expect(encodeGif([])).rejects.toThrow('at least one frame');
    const other = { data: new Uint8Array(4), width: 2, height: 2, delay: 1 };
    await expect(encodeGif([...frames, other])).rejects.toThrow('one size');
  });
});
