import { createReadStream, rmSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { writeError } from 'ts-diffusion/node';
import {
  type ArtifactStore,
  type StoredBlob,
  ChangedFileError,
  DamagedBlobError,
  StoreError,
  type StoredReference,
} from './artifact-store.js';
import { unfinishedName, writeVerified } from './verified-file.js';
import { OtherContentError } from './verified-stream.js';

const VERSION_FILE = /^(\d{8})\.json$/;

/**
 * A folder that all machines see, e.g. a network drive with hard links: `blobs/KEY/HASH`, and each version of a reference as a file of its
 * own, `references/KEY/00000001.json`, that only one of several writers can make.
 */
export class FolderStore implements ArtifactStore {
  readonly name: string;

  private constructor(path: string) {
    this.name = resolve(path);
  }

  /** Makes the folder where it is missing. @throws WriteError where it cannot be written, or takes no hard links */
  static async open(path: string): Promise<FolderStore> {
    const store = new FolderStore(path);
    // Of a name of its own: several may open the store at once.
    const trial = unfinishedName(join(store.name, 'trial'));
    await store.#publish(trial, '');
    rmSync(trial, { force: true });
    return store;
  }

  async hasBlob(blob: StoredBlob): Promise<boolean> {
    const found = await stat(this.#blob(blob)).catch(unlessMissing(this.name));
    return found?.size === blob.size;
  }

  async sendBlob(blob: StoredBlob, path: string, signal?: AbortSignal): Promise<void> {
    try {
      await writeVerified(() => createReadStream(path), blob, this.#blob(blob), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof OtherContentError) throw new ChangedFileError(path);
      throw error;
    }
  }

  async fetchBlob(blob: StoredBlob, path: string, signal?: AbortSignal): Promise<void> {
    try {
      await writeVerified(() => createReadStream(this.#blob(blob)), blob, path, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof OtherContentError)
        throw new DamagedBlobError(this.name, blob, `is damaged (${error.message})`);
      if (isMissing(error)) throw new DamagedBlobError(this.name, blob, 'is missing');
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new StoreError(`${this.name}: ${(error as Error).message}; check the folder and its permissions.`);
    }
  }

  async removeBlob(blob: StoredBlob): Promise<void> {
    await rm(this.#blob(blob), { force: true });
  }

  async readReference(key: string): Promise<StoredReference | undefined> {
    for (;;) {
      const latest = await this.#latest(key);
      if (latest === 0) return undefined;
      const text = await readFile(this.#version(key, latest), 'utf8').catch(unlessMissing(this.name));
      // It was replaced meanwhile, and removed.
      if (text !== undefined) return { text, version: String(latest) };
    }
  }

  async writeReference(key: string, text: string, expected: string | undefined): Promise<string | undefined> {
    const before = Number(expected ?? 0);
    const version = before + 1;
    if ((await this.#latest(key)) !== before) return undefined;
    if (!(await this.#publish(this.#version(key, version), text))) return undefined;
    // The name of a version that was removed long ago is free again.
    if ((await this.#latest(key)) !== version) {
      await rm(this.#version(key, version), { force: true });
      return undefined;
    }
    for (const old of await this.#versions(key)) if (old < version) await rm(this.#version(key, old), { force: true });
    return String(version);
  }

  async removeReference(key: string): Promise<void> {
    await rm(join(this.name, 'references', key), { recursive: true, force: true });
  }

  close(): void {
    // Holds no connection.
  }

  /** Writes a new file with its whole content. @returns false where there is one of that name */
  async #publish(path: string, text: string): Promise<boolean> {
    const unfinished = unfinishedName(path);
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(unfinished, 'wx');
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await link(unfinished, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await isFile(path))) return false;
      throw writeError(path, error);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  async #latest(key: string): Promise<number> {
    return Math.max(0, ...(await this.#versions(key)));
  }

  async #versions(key: string): Promise<number[]> {
    const names = await readdir(join(this.name, 'references', key)).catch(unlessMissing(this.name));
    return (names ?? []).flatMap((name) => {
      const [, digits] = VERSION_FILE.exec(name) ?? [];
      return digits === undefined ? [] : [Number(digits)];
    });
  }

  #blob({ key, sha256 }: StoredBlob): string {
    return join(this.name, 'blobs', key, sha256);
  }

  #version(key: string, version: number): string {
    return join(this.name, 'references', key, `${String(version).padStart(8, '0')}.json`);
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false;

/** Answers a failure to read with undefined where there is nothing. @throws StoreError for any other */
const unlessMissing =
  (name: string) =>
  (error: unknown): undefined => {
    if (isMissing(error)) return undefined;
    throw new StoreError(`${name}: ${(error as Error).message}; check the folder and its permissions.`);
  };
