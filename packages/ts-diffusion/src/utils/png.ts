import { ConfigError } from './errors.js';
import { encode } from 'fast-png';
import { positiveCount, bytes, signature } from './arguments.js';

const encodePngArguments = signature('encodePng', { gray: bytes, width: positiveCount, height: positiveCount });

/**
 * An 8-bit grayscale PNG file.
 * @param gray [height, width], 0 (black) .. 255 (white), row-major
 * @throws ConfigError where gray does not hold width * height bytes
 */
export function encodePng(gray: Uint8Array, width: number, height: number): Uint8Array {
  encodePngArguments({ gray, width, height });
  if (gray.length !== width * height) {
    throw new ConfigError(`an image of ${width}x${height} has ${width * height} pixels, got ${gray.length}`);
  }
  return encode({ data: gray, width, height, channels: 1, depth: 8 });
}
