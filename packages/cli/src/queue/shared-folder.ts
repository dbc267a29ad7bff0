import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataError } from 'ts-diffusion/errors';
import { writeFileAtomic } from 'ts-diffusion/node';
import type { Artifacts } from './artifacts.js';
import type { FolderReference } from './job.js';

/** Holds by what a folder is known again. */
export const ID_FILE = 'folder-id';
const ID_CHARACTERS = 12;

/** How workers know a folder again, whatever its path on their machine. Its id is written where it has none. */
export function referenceTo(folder: string): FolderReference {
  const path = resolve(folder);
  const file = join(path, ID_FILE);
  if (!existsSync(file)) {
    mkdirSync(path, { recursive: true });
    writeFileAtomic(file, `${randomUUID().replaceAll('-', '').slice(0, ID_CHARACTERS)}\n`);
  }
  return { id: readFileSync(file, 'utf8').trim(), path };
}

/**
 * Where a folder is on this machine.
 *
 * @param own its path here, where that differs from the coordinator's
 * @throws DataError where it is not there, or is another one
 */
export function folderHere({ id, path }: FolderReference, own: string | undefined): string {
  const here = resolve(own ?? path);
  const file = join(here, ID_FILE);
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (found === id) return here;
  throw new DataError(
    `${here} is ${found === undefined ? 'not the folder of a sweep' : 'the folder of another sweep'} on this machine, where the job's coordinator ` +
      `has ${path} (${id} in its file ${ID_FILE}); mount that folder here, and name its path by --folder.`,
  );
}

/** A folder that all machines share: what is written in it is there for all of them. */
export function sharedFolder(folder: FolderReference, own: string | undefined): Artifacts {
  const here = folderHere(folder, own);
  return { prepare: () => Promise.resolve(here), publish: () => Promise.resolve() };
}
