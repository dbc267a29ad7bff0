import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../data/dataset.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';

const pictureName = /\.(?:png|jpe?g|webp|gif)$/i;

/** What folders of a split are called, where a data set has one for each. */
const splitNames: Readonly<Record<Split, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['val', 'valid', 'validation'],
  test: ['test', 'testing'],
};

/** Labels are bytes. */
const MOST_CLASSES = 256;

/** A picture file of a data set. */
export interface PictureFile {
  /** Relative to the folder, with slashes on every platform. */
  readonly name: string;
  readonly label: number;
}

/** The picture files of a folder, sorted by class, then by name. */
export interface PictureFiles {
  readonly files: readonly PictureFile[];
  /** Names of the subfolders, in Unicode's NFC; undefined where there are none, and all pictures are of one class. */
  readonly classNames: readonly string[] | undefined;
  /** Files that are no pictures by their names. */
  readonly passedOver: readonly string[];
}

/**
 * The pictures of a folder: directly in it, which makes one class, or in one subfolder for each class, however deep. Where there
 * is a subfolder `train`, the classes are looked for in it, and for the other splits in `validation` and `test`. Hidden files and folders are passed
 * over; links are followed, but into no folder that they lie in.
 *
 * Classes are numbered in the order of their names: numbers by their value, other names by their code units.
 *
 * @throws DataError for a folder that cannot be read, has no pictures of the split, has both pictures and subfolders of them, or
 *   more than 256 classes
 */
export async function findPictures(folder: string, split: Split): Promise<PictureFiles> {
  const passedOver: string[] = [];
  const below = await splitFolder(folder, split);
  const { files: direct, folders } = await contents(folder, below);
  const pictures = picturesAmong(direct, passedOver);
  const classes: { name: string; files: string[] }[] = [];
  for (const name of folders) {
    const files: string[] = [];
    await collect(folder, join(below, name), [await realpath(join(folder, below))], files);
    const found = picturesAmong(files, passedOver);
    if (found.length > 0) classes.push({ name: name.normalize('NFC'), files: found });
  }
  const [first] = classes;
  if (first === undefined && pictures.length === 0) {
    throw new MissingSplitError(
      `${folder} holds no pictures of the ${split} split; expected *.png, *.jpg, *.webp or *.gif in it, or in one subfolder for each class`,
    );
  }
  if (first !== undefined && pictures.length > 0) {
    throw new DataError(
      `${folder} holds pictures (${pictures[0] as string}) and subfolders of pictures (${first.name}); put all into subfolders, ` +
        'one for each class, or all into the folder itself',
    );
  }
  if (classes.length > MOST_CLASSES) {
    throw new DataError(
      `${folder} has ${classes.length} subfolders of pictures; at most ${MOST_CLASSES} classes are possible`,
    );
  }
  if (first === undefined) {
    return { files: pictures.sort().map((name) => ({ name, label: 0 })), classNames: undefined, passedOver };
  }
  const ordered = inOrder(classes);
  return {
    files: ordered.flatMap(({ files }, label) => files.sort().map((name) => ({ name, label }))),
    classNames: ordered.map(({ name }) => name),
    passedOver,
  };
}

/** Whether a folder holds pictures, or folders that may. */
export async function mayHoldPictures(folder: string): Promise<boolean> {
  const { files, folders } = await contents(folder, '');
  return folders.length > 0 || files.some((name) => pictureName.test(name));
}

/** The folder of a split below the data set's, where it is divided so; otherwise '', the folder itself. */
async function splitFolder(folder: string, split: Split): Promise<string> {
  const { folders } = await contents(folder, '');
  const named = (names: readonly string[]): string | undefined =>
    folders.find((name) => names.includes(name.toLowerCase()));
  const known = Object.values(splitNames).flat();
  const isDivided =
    named(splitNames.train) !== undefined && folders.every((name) => known.includes(name.toLowerCase()));
  const found = named(splitNames[split]);
  if (isDivided && found !== undefined) return found;
  if (split === 'train') return '';
  throw new MissingSplitError(
    `${folder} holds no pictures of the ${split} split; put held-out pictures into the subfolder ${split}, and the others into train`,
  );
}

function picturesAmong(names: readonly string[], passedOver: string[]): string[] {
  passedOver.push(...names.filter((name) => !pictureName.test(name)));
  return names.filter((name) => pictureName.test(name));
}

/** Names of files (relative to the folder) and of folders (alone) in `below`; links count as what they lead to. */
async function contents(folder: string, below: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await entriesOf(join(folder, below))) {
    if (entry.name.startsWith('.')) continue;
    const path = below === '' ? entry.name : `${below.replaceAll('\\', '/')}/${entry.name}`;
    const kind = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => undefined) : entry;
    if (kind?.isFile() === true) files.push(path);
    else if (kind?.isDirectory() === true) folders.push(entry.name);
  }
  return { files, folders };
}

/** @param ancestors where the folders lead that this one lies in: a link to one of them would be a circle */
async function collect(folder: string, below: string, ancestors: readonly string[], found: string[]): Promise<void> {
  const real = await realpath(join(folder, below));
  if (ancestors.includes(real)) return;
  const { files, folders } = await contents(folder, below);
  found.push(...files);
  for (const name of folders) await collect(folder, join(below, name), [...ancestors, real], found);
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new DataError(`cannot read the folder ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

function inOrder<T extends { readonly name: string }>(classes: readonly T[]): T[] {
  const areNumbers = classes.every(({ name }) => /^\d{1,9}$/.test(name));
  const before = (a: T, b: T): boolean => (areNumbers ? Number(a.name) < Number(b.name) : a.name < b.name);
  return [...classes].sort((a, b) => (before(a, b) ? -1 : 1));
}
