/** How many samples a pixel can have: gray, gray and alpha, RGB, RGB and alpha. */
export type Channels = 1 | 2 | 3 | 4;

/**
 * From the layout of networks to that of picture files.
 *
 * @param image planar: [channels, height, width]
 * @returns [height, width, channels]; for one channel, the image itself
 */
export function interleaved(image: Uint8Array, channels: number): Uint8Array {
  if (channels === 1) return image;
  checkChannels(channels);
  const area = image.length / channels;
  const out = new Uint8Array(image.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < area; pixel++) {
      out[pixel * channels + channel] = image[channel * area + pixel] as number;
    }
  }
  return out;
}

/**
 * From the layout of picture files to that of networks: the inverse of `interleaved`.
 *
 * @param picture [height, width, channels]
 * @returns planar: [channels, height, width]; for one channel, the picture itself
 */
export function planar(picture: Uint8Array, channels: number): Uint8Array {
  if (channels === 1) return picture;
  checkChannels(channels);
  const area = picture.length / channels;
  const out = new Uint8Array(picture.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < area; pixel++) {
      out[channel * area + pixel] = picture[pixel * channels + channel] as number;
    }
  }
  return out;
}

function checkChannels(channels: number): void {
  if (Number.isInteger(channels) && channels >= 1 && channels <= 4) return;
  throw new RangeError(`pictures have 1 to 4 channels, got ${channels}`);
}
