import { ConfigError } from './errors.js';
import { encode } from 'fast-png';
import { positiveCount, bytes, signature } from './arguments.js';
import type { Channels } from './interleaved.js';

const encodePngArguments = signature('encodePng', {
  data: bytes,
  width: positiveCount,
  height: positiveCount,
  channels: positiveCount,
});

/**
 * An 8-bit PNG file.
 * @param data [height, width, channels], 0 (black) .. 255 (white), row-major: interleaved, as `imageGrid` gives it
 * @param channels 1 (the default): gray, 2: gray and alpha, 3: RGB, 4: RGB and alpha
 * @throws ConfigError where data does not hold width * height * channels bytes
 */
export function encodePng(data: Uint8Array, width: number, height: number, channels: Channels = 1): Uint8Array {
  encodePngArguments({ data, width, height, channels });
  const expected = width * height * channels;
  if (data.length !== expected) {
    const inChannels = channels === 1 ? '' : ` in ${channels} channels`;
    const unit = channels === 1 ? 'pixels' : 'samples';
    throw new ConfigError(`an image of ${width}x${height}${inChannels} has ${expected} ${unit}, got ${data.length}`);
  }
  return encode({ data, width, height, channels, depth: 8 });
}
