import { createDataset, type Dataset, type Split } from '../../data/dataset.js';
import { decodeNpy, npyValues, type NpyArray } from '../../formats/npy.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { planar } from '../../utils/interleaved.js';
import { MOST_CLASSES } from './class-order.js';
import { readZip, type ZipEntry } from '../formats/zip.js';

/** What the arrays of a split are called: as in MedMNIST, and as in Keras. */
const arrayNames: Readonly<Record<Split, readonly (readonly [images: string, labels: string])[]>> = {
  train: [
    ['train_images', 'train_labels'],
    ['x_train', 'y_train'],
    ['images', 'labels'],
  ],
  validation: [
    ['val_images', 'val_labels'],
    ['x_val', 'y_val'],
  ],
  test: [
    ['test_images', 'test_labels'],
    ['x_test', 'y_test'],
  ],
};

/**
 * Reads one split of an .npz file: MedMNIST's arrays `train_images`, `train_labels`, `val_images`, ..., `test_images`, ...; Keras's `x_train`,
 * `y_train`, `x_val`, ..., `x_test`, ...; or `images` and `labels`, which are training data. Images are uint8, [N, height, width] or
 * [N, height, width, channels]; labels are integers, [N] or [N, 1]; without labels all images are of one class.
 *
 * @param path only for the messages
 * @throws DataError where arrays are missing, damaged or of other types and shapes
 */
export function decodeNpz(file: Uint8Array, path: string, split: Split): Dataset {
  const entries = readZip(file, path);
  const array = (name: string): NpyArray => {
    const entry = entries.get(`${name}.npy`) as ZipEntry;
    return decodeNpy(entry.read(), `${path}, array ${name}`);
  };
  const has = (name: string): boolean => entries.has(`${name}.npy`);
  const found = arrayNames[split].find(([images]) => has(images));
  if (found === undefined) {
    const names = [...entries.keys()].map((name) => name.replace(/\.npy$/, '')).join(', ');
    const expected = arrayNames[split].map(([images]) => images).join(' or ');
    throw new MissingSplitError(
      `${path} contains no images of the ${split} split (arrays: ${names}); expected ${expected}`,
    );
  }
  const [imagesName, labelsName] = found;
  const images = imagesOf(array(imagesName), `${path}, array ${imagesName}`);
  const [count = 0] = images.shape;
  const labels = has(labelsName)
    ? labelsOf(array(labelsName), `${path}, array ${labelsName}`)
    : { shape: [count], data: new Uint8Array(count) };
  // A class may be missing from one of the splits.
  const allLabels = Object.values(arrayNames).flatMap((names) =>
    names.flatMap(([, name]) => (has(name) ? [name] : [])),
  );
  const classes = allLabels.reduce((most, name) => {
    const { data } = name === labelsName ? labels : labelsOf(array(name), `${path}, array ${name}`);
    return data.reduce((a, b) => Math.max(a, b + 1), most);
  }, 1);
  return createDataset(images, labels, `${path} (${split} split)`, classes);
}

function imagesOf({ shape, type, bytes }: NpyArray, name: string): { shape: number[]; data: Uint8Array } {
  if (type !== '|u1') throw new DataError(`${name}: values of type ${type}; expected images as uint8 (|u1), 0 to 255`);
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (shape.length < 3 || shape.length > 4 || channels < 1 || channels > 4 || count * height * width === 0) {
    throw new DataError(
      `${name}: shape (${shape.join(', ')}); expected images as [N, height, width] or [N, height, width, 1 to 4 channels]`,
    );
  }
  if (channels === 1) return { shape: [count, height, width], data: bytes };
  const data = new Uint8Array(bytes.length);
  const length = height * width * channels;
  for (let at = 0; at < data.length; at += length) data.set(planar(bytes.subarray(at, at + length), channels), at);
  return { shape: [count, channels, height, width], data };
}

function labelsOf(array: NpyArray, name: string): { shape: number[]; data: Uint8Array } {
  const [count = 0, perImage = 1] = array.shape;
  if (array.shape.length > 2 || perImage !== 1) {
    throw new DataError(`${name}: shape (${array.shape.join(', ')}); expected one label per image, [N] or [N, 1]`);
  }
  const values = npyValues(array);
  const wrong = values.findIndex((value) => value < 0 || value >= MOST_CLASSES);
  if (wrong >= 0) {
    throw new DataError(`${name}: label ${values[wrong]} of image ${wrong}; expected 0 to ${MOST_CLASSES - 1}`);
  }
  return { shape: [count], data: Uint8Array.from(values) };
}
