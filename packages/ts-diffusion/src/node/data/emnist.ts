import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IdxArray } from '../../data/idx.js';
import { DataError } from '../../utils/errors.js';

/** Images and labels of an IDX pair, the right way round, with the names of their classes. */
export interface NamedIdxPair {
  readonly images: IdxArray;
  readonly labels: IdxArray;
  readonly classNames: readonly string[] | undefined;
}

/** The class of each label, by the label in the files. */
type Mapping = readonly (readonly [label: number, name: string])[];

const CODE_OF_A = 65;

/** Of `emnist-letters`, where capitals and small letters are one class, and the labels begin with 1. */
const letters: Mapping = Array.from({ length: 26 }, (_, i) => [i + 1, String.fromCharCode(CODE_OF_A + i)]);

/** The set that a file belongs to: `emnist-letters`; undefined where it is not of EMNIST (Cohen 2017). */
export function emnistSetOf(name: string): string | undefined {
  return /^emnist-[a-z]+/i.exec(name)?.[0].toLowerCase();
}

/**
 * Turns EMNIST's files round: its images are stored transposed, and its labels are numbered by `emnist-SET-mapping.txt` beside them,
 * lines of a label and the codes of its characters. Classes are named after their first character, numbered from 0.
 *
 * @param set as `emnistSetOf` has it
 * @throws DataError where the mapping is damaged, or lacks a label
 */
export function readEmnist(folder: string, set: string, images: IdxArray, labels: IdxArray): NamedIdxPair {
  const path = join(folder, `${set}-mapping.txt`);
  const mapping = existsSync(path) ? readMapping(path) : knownMapping(set, labels);
  return { images: transposed(images), ...renumbered(labels, mapping, path) };
}

/** [N, width, height] as [N, height, width]. */
function transposed({ shape, data }: IdxArray): IdxArray {
  const [count = 0, width = 0, height = 0] = shape;
  const turned = new Uint8Array(data.length);
  for (let image = 0; image < count; image++) {
    const at = image * width * height;
    for (let x = 0; x < width; x++) {
      for (let y = 0; y < height; y++) turned[at + y * width + x] = data[at + x * height + y] as number;
    }
  }
  return { shape: [count, height, width], data: turned };
}

/** Without a file: that of the letters, which are known. */
function knownMapping(set: string, { data }: IdxArray): Mapping | undefined {
  const areLetters = set === 'emnist-letters' && data.every((label) => label >= 1 && label <= letters.length);
  return areLetters ? letters : undefined;
}

function readMapping(path: string): Mapping {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const mapping = lines.map((line, i) => {
    const [label = NaN, code = NaN] = line.trim().split(/\s+/).map(Number);
    const isEntry =
      Number.isInteger(label) && label >= 0 && label < 256 && Number.isInteger(code) && code > 32 && code < 0xd800;
    if (isEntry) return [label, String.fromCharCode(code)] as const;
    throw new DataError(
      `${path}, line ${i + 1}: ${JSON.stringify(line)}; expected a label and the code of its character, as "1 65"`,
    );
  });
  const sorted = mapping.sort(([a], [b]) => a - b);
  const repeated = sorted.find(([label], i) => label === sorted[i + 1]?.[0]);
  if (repeated !== undefined) throw new DataError(`${path} has two lines for label ${repeated[0]}; get the file anew`);
  return sorted;
}

function renumbered(labels: IdxArray, mapping: Mapping | undefined, path: string): Omit<NamedIdxPair, 'images'> {
  if (mapping === undefined) return { labels, classNames: undefined };
  const numbers = new Map(mapping.map(([label], number) => [label, number]));
  const data = Uint8Array.from(labels.data, (label, i) => {
    const number = numbers.get(label);
    if (number !== undefined) return number;
    throw new DataError(`${path} lacks label ${label}, which image ${i} has; get both files anew`);
  });
  return { labels: { shape: labels.shape, data }, classNames: mapping.map(([, name]) => name) };
}
