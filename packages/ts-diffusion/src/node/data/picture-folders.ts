import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../data/dataset.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { splitNames } from './split-names.js';

const pictureName = /\.(?:png|jpe?g|webp|gif)$/i;

/** Whether a file is a picture by its name. */
export function isPictureName(name: string): boolean {
  return pictureName.test(name);
}

/** Whether a folder holds pictures, or folders that may. */
export async function mayHoldPictures(folder: string): Promise<boolean> {
  const { files, folders } = await folderContents(folder, '');
  return folders.length > 0 || files.some(isPictureName);
}

/**
 * The folder of a split below the data set's, where it is divided so; otherwise '', the folder itself.
 *
 * @throws MissingSplitError where it is not divided so, and another split than `train` is asked for
 */
export async function splitFolder(folder: string, split: Split): Promise<string> {
  const { folders } = await folderContents(folder, '');
  const isOf = (split: Split, name: string): boolean => splitNames[split].includes(name.toLowerCase());
  const known = Object.values(splitNames).flat();
  const isDivided =
    folders.some((name) => isOf('train', name)) && folders.every((name) => known.includes(name.toLowerCase()));
  const ofSplit = folders.filter((name) => isOf(split, name));
  const [found, another] = ofSplit;
  if (isDivided && another !== undefined) {
    throw new DataError(
      `${folder} has several folders of the ${split} split (${ofSplit.join(', ')}); leave one of them`,
    );
  }
  if (isDivided && found !== undefined) return found;
  if (split === 'train') return '';
  throw new MissingSplitError(
    `${folder} holds no pictures of the ${split} split; put held-out pictures into the subfolder ${split}, and the others into train`,
  );
}

/**
 * Names of files (relative to the folder) and of folders (alone) in `below`; links count as what they lead to. Hidden ones are
 * passed over, and so is what is neither file nor folder (a link that leads nowhere, a pipe), unless it is called a picture: whoever
 * reads that can say what is wrong with it.
 *
 * @throws DataError where it cannot be read
 */
export async function folderContents(folder: string, below: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await entriesOf(join(folder, below))) {
    if (entry.name.startsWith('.')) continue;
    const path = below === '' ? entry.name : `${below.replaceAll('\\', '/')}/${entry.name}`;
    const kind = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => undefined) : entry;
    if (kind?.isDirectory() === true) folders.push(entry.name);
    else if (kind?.isFile() === true || isPictureName(entry.name)) files.push(path);
  }
  return { files, folders };
}

/**
 * All files in `below` and the folders in it, relative to the folder. Links are followed, but into no folder that they lie in.
 *
 * @param above where the folder leads that `below` lies in: a link to it would be a circle
 * @throws DataError where a folder cannot be read
 */
export async function filesBelow(folder: string, below: string, above: readonly string[] = []): Promise<string[]> {
  const found: string[] = [];
  const collect = async (at: string, ancestors: readonly string[]): Promise<void> => {
    const { files, folders } = await folderContents(folder, at);
    const real = await realpath(join(folder, at));
    if (ancestors.includes(real)) return;
    found.push(...files);
    for (const name of folders) await collect(join(at, name), [...ancestors, real]);
  };
  await collect(below, above);
  return found;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new DataError(`cannot read the folder ${folder}: ${(error as Error).message}`, { cause: error });
  }
}
