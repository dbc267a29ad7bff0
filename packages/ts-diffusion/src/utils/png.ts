import { encode } from 'fast-png';
import type { Channels } from './interleaved.js';

/**
 * An 8-bit PNG file.
 * @param data [height, width, channels], 0 (black) .. 255 (white), row-major: interleaved, as `imageGrid` gives it
 * @param channels 1 (the default): gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha
 * @throws RangeError where data does not hold width * height * channels bytes
 */
export function encodePng(data: Uint8Array, width: number, height: number, channels: Channels = 1): Uint8Array {
  const expected = width * height * channels;
  if (data.length !== expected) {
    const inChannels = channels === 1 ? '' : ` in ${channels} channels`;
    const unit = channels === 1 ? 'pixels' : 'samples';
    throw new RangeError(`an image of ${width}x${height}${inChannels} has ${expected} ${unit}, got ${data.length}`);
  }
  return encode({ data, width, height, channels, depth: 8 });
}
