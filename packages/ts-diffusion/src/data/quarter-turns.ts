import { imageLength, type Dataset } from './dataset.js';
import { dataset as datasetShape } from '../utils/argument-shapes.js';
import { signature } from '../utils/arguments.js';

/**
 * Turns an image counter-clockwise.
 *
 * @param image planar, [channels, size, size]
 * @param turns how many quarters of a full turn, 0 to 3
 * @param out another array of the same length
 */
export function turn(
  image: Uint8Array | Float32Array,
  size: number,
  turns: number,
  out: Uint8Array | Float32Array,
): void {
  const last = size - 1;
  const plane = size * size;
  for (let first = 0; first < image.length; first += plane) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [row, column] =
          turns === 0 ? [y, x] : turns === 1 ? [x, last - y] : turns === 2 ? [last - y, last - x] : [last - x, y];
        out[first + y * size + x] = image[first + row * size + column] as number;
      }
    }
  }
}

const quarterTurnsArguments = signature('quarterTurns', { dataset: datasetShape });

/** The images of a data set, each turned: the first not, the second by a quarter, and so on. @returns labels [count]: the quarters */
export function quarterTurns(dataset: Dataset): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  quarterTurnsArguments({ dataset });
  const length = imageLength(dataset);
  const images = new Uint8Array(dataset.images.length);
  const labels = Uint8Array.from({ length: dataset.count }, (_, i) => i % 4);
  labels.forEach((turns, i) => {
    const image = dataset.images.subarray(i * length, (i + 1) * length);
    turn(image, dataset.width, turns, images.subarray(i * length, (i + 1) * length));
  });
  return { images, labels };
}
