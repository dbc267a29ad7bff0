import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../src/node/formats/decode-picture.js';
import { checkPictureName, encodePicture } from '../../../src/node/formats/encode-picture.js';
import { onBlack } from '../../../src/formats/picture.js';
import { ConfigError } from '../../../src/utils/errors.js';

const [width, height] = [16, 8];
const image = { data: Uint8Array.from({ length: width * height }, (_, i) => 2 * i), width, height };

describe('a picture is written in the format of its name', () => {
  it.each([
    ['a.png', '89504e47', 0],
    ['a.PNG', '89504e47', 0],
    ['a.webp', '52494646', 0],
    ['a.jpg', 'ffd8ff', 8],
    ['b.JPEG', 'ffd8ff', 8],
  ])('%s', async (name, signature, tolerance) => {
    const file = await encodePicture(image, name);
    expect(Buffer.from(file).toString('hex').startsWith(signature)).toBe(true);
    const gray = onBlack(await decodePicture(file, name), 1);
    expect(gray.length).toBe(image.data.length);
    gray.forEach((value, i) => {
      expect(Math.abs(value - (image.data[i] ?? NaN))).toBeLessThanOrEqual(tolerance);
    });
  });

  it.each([
    ['a.png', 0],
    ['a.webp', 0],
    ['a.jpg', 12],
  ])('%s in colour', async (name, tolerance) => {
    // Smooth: JPEG stores colour at half the resolution.
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => [200, 90, 20][i % 3] ?? 0);
    const file = await encodePicture({ data, width: 16, height: 16, channels: 3 }, name);
    const picture = await decodePicture(file, name);
    expect(picture.channels).toBe(3);
    picture.data.forEach((value, i) => {
      expect(Math.abs(value - (data[i] ?? NaN))).toBeLessThanOrEqual(tolerance);
    });
  });

  it.each(['a.bmp', 'a.gif', 'samples', '.png', 'constructor'])('%s is refused', async (name) => {
    expect(() => {
      checkPictureName(name);
    }).toThrow(ConfigError);
    await expect(encodePicture(image, name)).rejects.toThrow('a picture is written as .png, .jpg, .jpeg, .webp');
  });
});
