import { bytes, Kind, signature } from './arguments.js';

/** How many samples a pixel can have: gray, gray and alpha, RGB, RGB and alpha. */
export type Channels = 1 | 2 | 3 | 4;

const channelCount = Kind.of('1 to 4 channels', (value) => [1, 2, 3, 4].some((each) => each === value));
const interleavedArguments = signature('interleaved', { image: bytes, channels: channelCount });
const planarArguments = signature('planar', { picture: bytes, channels: channelCount });

/**
 * From the layout of networks to that of picture files.
 *
 * @param image planar: [channels, height, width]
 * @param channels 1 to 4
 * @returns [height, width, channels]; for one channel, the image itself
 */
export function interleaved(image: Uint8Array, channels: number): Uint8Array {
  interleavedArguments({ image, channels });
  if (channels === 1) return image;
  return transposed(image, channels);
}

/**
 * From the layout of picture files to that of networks: the inverse of `interleaved`.
 *
 * @param picture [height, width, channels]
 * @returns planar: [channels, height, width]; for one channel, the picture itself
 */
export function planar(picture: Uint8Array, channels: number): Uint8Array {
  planarArguments({ picture, channels });
  if (channels === 1) return picture;
  return transposed(picture, picture.length / channels);
}

/** The transpose of a matrix in row-major order. */
function transposed(matrix: Uint8Array, rows: number): Uint8Array {
  const columns = matrix.length / rows;
  const out = new Uint8Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return out;
}
