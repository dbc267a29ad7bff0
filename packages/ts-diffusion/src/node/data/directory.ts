import { join } from 'node:path';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { createDataset, type Dataset, type Split } from '../../data/dataset.js';
import { emnistSetOf, readEmnist } from './emnist.js';
import { readDataFile } from './idx-file.js';
import { decodeIdx, decodeIdxImages } from '../../data/idx.js';
import { listFiles } from './list-files.js';

const imagesName = /images.*idx[34]/i;
const labelsName = /labels.*idx1/i;

/** Whether a file of this name holds images in the IDX format. */
export function isImagesFile(name: string): boolean {
  return imagesName.test(name);
}

/** Names without a word for a split are taken for training data. */
export function splitOf(name: string): Split {
  if (/train/i.test(name)) return 'train';
  if (/t10k|test/i.test(name)) return 'test';
  return /(?<![a-z])val(?:id|idation)?(?![a-z])/i.test(name) ? 'validation' : 'train';
}

/** What the names of an images file and its labels file have in common. */
function commonName(name: string): string {
  return withoutGz(name)
    .replace(/images|labels/, '*')
    .replace(/idx[134]/, 'idx');
}

const withoutGz = (name: string): string => name.toLowerCase().replace(/\.gz$/, '');

/**
 * Reads one split from a folder that holds a pair of IDX files, raw or gzipped: `train-images-idx3-ubyte` with
 * `train-labels-idx1-ubyte`, `validation-...`, `t10k-...` or `test-...` for the other splits (MNIST, Fashion-MNIST and KMNIST all use these
 * names), or any other `*images*idx3*` with a `*labels*idx1*` of the same name otherwise. Images in channels, [N, C, height, width], are
 * read from `*images*idx4*` (or `idx3`: the file says what it holds). Those of EMNIST (`emnist-*`) are turned the
 * right way round (`readEmnist`).
 * @param classes number of classes; without it, the largest label + 1
 * @throws DataError where no pair or more than one is found, or the files do not fit together
 */
export async function loadDirectory(directory: string, split: Split, classes?: number): Promise<Dataset> {
  const names = await listFiles(directory);
  const [imagesFile, labelsFile] = findPair(directory, names, split);
  const imagesPath = join(directory, imagesFile);
  const labelsPath = join(directory, labelsFile);
  const [imageBytes, labelBytes] = await Promise.all([readDataFile(imagesPath), readDataFile(labelsPath)]);
  const labels = decodeIdx(labelBytes, labelsPath, 1);
  const source = `${imagesPath} and ${labelsFile}`;
  const set = emnistSetOf(imagesFile);
  if (set === undefined) return createDataset(decodeIdxImages(imageBytes, imagesPath), labels, source, classes);
  const emnist = readEmnist(directory, set, decodeIdx(imageBytes, imagesPath, 3), labels);
  return createDataset(emnist.images, emnist.labels, source, classes ?? emnist.classNames?.length, emnist.classNames);
}

function findPair(directory: string, names: readonly string[], split: Split): [images: string, labels: string] {
  // Sorted, so that of a raw file and its gzipped copy the raw one comes first and is taken.
  const ofSplit = names.filter((name) => splitOf(name) === split);
  const firstBy = (keyOf: (name: string) => string, pattern: RegExp): Map<string, string> => {
    const found = new Map<string, string>();
    for (const name of ofSplit) {
      if (pattern.test(name) && !found.has(keyOf(name))) found.set(keyOf(name), name);
    }
    return found;
  };
  const images = [...firstBy(withoutGz, imagesName)];
  const labels = firstBy(commonName, labelsName);
  const [first, second] = images;
  if (!first) {
    const example = `${{ train: 'train', validation: 'validation', test: 't10k' }[split]}-images-idx3-ubyte`;
    throw new MissingSplitError(
      `${directory} contains no images of the ${split} split; expected ${example} (or the same with .gz)`,
    );
  }
  if (second) {
    const list = images.map(([, name]) => name).join(', ');
    throw new DataError(
      `${directory} contains more than one images file of the ${split} split (${list}); leave one pair in the folder`,
    );
  }
  const labelsFile = labels.get(commonName(first[1]));
  if (labelsFile === undefined) {
    const expected = first[1].replace(/images/i, 'labels').replace(/idx[34]/i, 'idx1');
    throw new DataError(`${directory} contains ${first[1]} but not its labels; expected ${expected} beside it`);
  }
  return [first[1], labelsFile];
}
