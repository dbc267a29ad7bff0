import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createDataset, type Dataset, type Split } from '../../data/dataset.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { readDataFile } from './idx-file.js';

/** 32x32 pixels in three planes: red, green, blue. */
const SIZE = 32;
const IMAGE = 3 * SIZE * SIZE;

/** The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky 2009). */
interface CifarFormat {
  readonly classes: number;
  /** Bytes before each image; the last is the label, before it comes CIFAR-100's coarse label. */
  readonly labelBytes: number;
  readonly files: Readonly<Record<Exclude<Split, 'validation'>, RegExp>>;
  /** Names of the classes, one a line. */
  readonly names: string;
}

const cifar10: CifarFormat = {
  classes: 10,
  labelBytes: 1,
  files: { train: /^data_batch_\d+\.bin(?:\.gz)?$/i, test: /^test_batch\.bin(?:\.gz)?$/i },
  names: 'batches.meta.txt',
};
const cifar100: CifarFormat = {
  classes: 100,
  labelBytes: 2,
  files: { train: /^train\.bin(?:\.gz)?$/i, test: /^test\.bin(?:\.gz)?$/i },
  names: 'fine_label_names.txt',
};

/** Whether a file of this name holds images in one of these formats. */
export function isCifarFile(name: string): boolean {
  return formatOf(name) !== undefined;
}

/**
 * Reads one split of CIFAR-10 or CIFAR-100 from the files of a folder, raw or gzipped: `data_batch_1.bin` to `data_batch_5.bin` and
 * `test_batch.bin`, or `train.bin` and `test.bin`. The labels of CIFAR-100 are its 100 fine ones. Names of classes are read from
 * `batches.meta.txt` or `fine_label_names.txt` where they are beside it.
 *
 * @param names of the files to read from, others among them are passed over
 * @throws DataError where the split is missing, or a file is no such file
 */
export async function readCifar(folder: string, names: readonly string[], split: Split): Promise<Dataset> {
  const format = names.map(formatOf).find((each) => each !== undefined) ?? cifar10;
  if (split === 'validation') {
    throw new MissingSplitError(`${folder}: CIFAR has no validation split; hold out training images`);
  }
  const ofSplit = new Set(names.filter((name) => format.files[split].test(name)));
  // Of a raw file and its gzipped copy the raw one is taken.
  const files = [...ofSplit].filter((name) => !ofSplit.has(name.replace(/\.gz$/i, '')) || !/\.gz$/i.test(name)).sort();
  if (files.length === 0) {
    const expected =
      format === cifar10 ? 'data_batch_1.bin to data_batch_5.bin, and test_batch.bin' : 'train.bin, test.bin';
    throw new MissingSplitError(`${folder} contains no images of the ${split} split; expected ${expected}`);
  }
  const record = format.labelBytes + IMAGE;
  const batches = await Promise.all(files.map(async (name) => readDataFile(join(folder, name))));
  batches.forEach((bytes, i) => {
    if (bytes.length > 0 && bytes.length % record === 0) return;
    throw new DataError(
      `${join(folder, files[i] as string)}: ${bytes.length} bytes are no whole number of records of ${record} bytes ` +
        `(${format.labelBytes === 1 ? 'a label' : 'two labels'} and ${IMAGE} pixels); get the file anew`,
    );
  });
  const count = batches.reduce((sum, { length }) => sum + length / record, 0);
  const images = new Uint8Array(count * IMAGE);
  const labels = new Uint8Array(count);
  let index = 0;
  for (const bytes of batches) {
    for (let at = 0; at < bytes.length; at += record, index++) {
      labels[index] = bytes[at + format.labelBytes - 1] as number;
      images.set(bytes.subarray(at + format.labelBytes, at + record), index * IMAGE);
    }
  }
  return createDataset(
    { shape: [count, 3, SIZE, SIZE], data: images },
    { shape: [count], data: labels },
    join(folder, files.length === 1 ? (files[0] as string) : `${files[0] as string} and ${files.length - 1} more`),
    format.classes,
    classNames(join(folder, format.names), format.classes),
  );
}

function formatOf(name: string): CifarFormat | undefined {
  const file = basename(name);
  return [cifar10, cifar100].find(({ files }) => files.train.test(file) || files.test.test(file));
}

/** The names, one a line; undefined where the file is not there or has not another one for each class. */
function classNames(path: string, classes: number): string[] | undefined {
  if (!existsSync(path)) return undefined;
  const names = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return names.length === classes && new Set(names).size === classes ? names : undefined;
}
