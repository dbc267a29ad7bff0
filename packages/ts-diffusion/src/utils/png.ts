import { encode } from 'fast-png';

/**
 * An 8-bit grayscale PNG file.
 * @param gray [height, width], 0 (black) .. 255 (white), row-major
 * @throws RangeError where gray does not hold width * height bytes
 */
export function encodePng(gray: Uint8Array, width: number, height: number): Uint8Array {
  if (gray.length !== width * height) {
    throw new RangeError(`an image of ${width}x${height} has ${width * height} pixels, got ${gray.length}`);
  }
  return encode({ data: gray, width, height, channels: 1, depth: 8 });
}
