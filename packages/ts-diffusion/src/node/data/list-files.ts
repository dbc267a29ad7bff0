import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureExtension } from '../../formats/picture.js';
import { DataError } from '../../utils/errors.js';

/**
 * The files of a folder, sorted, as paths relative to it. Hidden files and folders (`.DS_Store`, `._0-7.png`) are passed over,
 * and so are folders, whatever their names end in. A link that leads nowhere or a pipe counts as a file if it is called a picture:
 * whoever reads it says what is wrong with it.
 *
 * @param recursive whether to look into subfolders too; default false
 * @throws DataError where the folder cannot be read
 */
export async function listFiles(folder: string, { recursive = false } = {}): Promise<string[]> {
  const found: string[] = [];
  const pending = [''];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const entry of await entriesOf(join(folder, below))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(below, entry.name);
      // What a link leads to: a file, a folder, or nothing.
      const kind = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => null) : entry;
      if (kind?.isFile() === true) found.push(path);
      else if (kind?.isDirectory() !== true && pictureExtension.test(entry.name)) found.push(path);
      else if (recursive && entry.isDirectory()) pending.push(path);
    }
  }
  return found.sort();
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new DataError(`cannot read the folder ${folder}: ${(error as Error).message}`, { cause: error });
  }
}
