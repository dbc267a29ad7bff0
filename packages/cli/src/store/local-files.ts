import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtifactStore, DamagedBlobError, StoreError } from './artifact-store.js';
import type { LocalFile } from './claim.js';
import { eachOf } from './each-of.js';
import { blobOf, type Published, readPublished } from './published.js';
import { hashFile, UNFINISHED } from './verified-file.js';

/** Of a process that runs on this machine, and of no meaning elsewhere. */
const LOCK = /\.lock(\.|$)/;

/** A blob of what is published is missing or damaged. */
export class DamagedArtifactError extends StoreError {
  override readonly name = 'DamagedArtifactError';

  constructor(
    cause: DamagedBlobError,
    readonly published: Published,
  ) {
    super(cause.message, { cause });
  }
}

/**
 * Files below some paths of a folder, as seen from it, sorted; without locks and files that were never finished.
 *
 * @param paths of files and folders; those that are not there have no files
 */
export async function filesOf(folder: string, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => filesBelow(folder, path)));
  return [...new Set(found.flat())].sort();
}

/** Files of a folder to be published under the same paths. */
export const inside = (folder: string, paths: readonly string[]): LocalFile[] =>
  paths.map((path) => ({ path, at: join(folder, path) }));

async function filesBelow(folder: string, path: string): Promise<string[]> {
  const info = await stat(join(folder, path)).catch(() => undefined);
  if (info?.isFile() === true) return [path];
  if (info?.isDirectory() !== true) return [];
  const names = (await readdir(join(folder, path))).filter((name) => !LOCK.test(name) && !name.endsWith(UNFINISHED));
  return (await Promise.all(names.map((name) => filesBelow(folder, `${path}/${name}`)))).flat();
}

/**
 * Brings what is published into a folder. A file that is there with the right content is left as it is.
 *
 * @throws DamagedBlobError
 */
export async function fetchPublished(
  store: ArtifactStore,
  { key, files }: Pick<Published, 'key' | 'files'>,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  await eachOf(files, async (file) => {
    const path = join(folder, file.path);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() === true && info.size === file.size && (await hashFile(path)).sha256 === file.sha256) return;
    await store.fetchBlob(blobOf(key, file), path, signal);
  });
}

/**
 * The same of what is published under a key at the end, though it be replaced meanwhile.
 *
 * @returns undefined where there is nothing
 * @throws DamagedArtifactError
 */
export async function fetchLatest(
  store: ArtifactStore,
  key: string,
  folder: string,
  signal?: AbortSignal,
): Promise<Published | undefined> {
  for (let published = await readPublished(store, key); published !== undefined;) {
    try {
      await fetchPublished(store, published, folder, signal);
      return published;
    } catch (error) {
      if (!(error instanceof DamagedBlobError)) throw error;
      const latest = await readPublished(store, key);
      if (latest?.version === published.version) throw new DamagedArtifactError(error, published);
      published = latest;
    }
  }
  return undefined;
}

/** Removes the files below a path that are not among these. @param kept as seen from the folder */
export async function removeOthers(folder: string, path: string, kept: ReadonlySet<string>): Promise<void> {
  for (const file of await filesOf(folder, [path])) if (!kept.has(file)) await rm(join(folder, file), { force: true });
}
