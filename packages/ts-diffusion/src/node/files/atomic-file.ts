import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError, WriteError } from '../../utils/errors.js';
import { signature, text, textOrBytes } from '../../utils/arguments.js';
import { failure } from '../../utils/argument-shapes.js';

/** What the operating system's refusals mean to the person at the keyboard. */
const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space and run again',
  EDQUOT: 'your disk quota is used up; free some space and run again',
  EFBIG: 'the file would exceed the size limit set for this process (ulimit -f)',
  EACCES: 'permission denied; choose a folder you may write to',
  EPERM: 'permission denied; choose a folder you may write to',
  EROFS: 'the file system is read-only; choose another folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EEXIST: 'part of the path is a file, not a folder',
  EISDIR: 'there is a folder of that name',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'the folder is gone, or is one that takes no files; choose another folder',
  ELOOP: 'part of the path is a link that leads to itself',
};

const writeErrorArguments = signature('writeError', { path: text, error: failure });

/** A failure to write `path`, told in one sentence. */
export function writeError(path: string, error: unknown): WriteError {
  writeErrorArguments({ path, error });
  const { code, message } = error as NodeJS.ErrnoException;
  return new WriteError(`cannot write ${path}: ${reasons[code ?? ''] ?? message}`, { cause: error });
}

let serial = 0;

/** A name in use nowhere else for a file that is about to become `name`, or only tries whether it could. */
export function temporaryName(name: string): string {
  return `.${name}.${process.pid}-${serial++}.tmp`;
}

const writeFileAtomicArguments = signature('writeFileAtomic', { path: text, data: textOrBytes });

/**
 * Writes a file so that at any moment, killed process and power cut included, `path` holds either all of the old content or
 * all of the new: a temporary file in the same folder, fsync, rename, fsync of the folder. Missing folders are created.
 * @param data bytes, or text to be written as UTF-8
 * @throws WriteError (full disk, missing permission, ...): `path` is then as it was, and no temporary file is left
 */
export function writeFileAtomic(path: string, data: Uint8Array | string): void {
  writeFileAtomicArguments({ path, data });
  replaceFile(path, data);
}

/**
 * The same for a writer that may lose the right to write. Who takes that right, and then removes temporary files, sees nothing of the
 * writer any more: either the temporary file was there in time to be removed, or the writer finds that it has lost the right.
 *
 * @param confirm called when the temporary file is complete; what it throws leaves `path` as it was
 * @throws as `writeFileAtomic`, and what `confirm` throws
 */
export function replaceFile(path: string, data: Uint8Array | string, confirm: () => void = () => undefined): void {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    makeDurably(folder);
    try {
      writeDurably(temporary, data);
      confirm();
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(folder);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw writeError(path, error);
  }
}

/** Writes a new file and waits until the disk holds it: renamed earlier, it could be empty after a power cut. */
function writeDurably(path: string, data: Uint8Array | string): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, data);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a folder, and those above it that are missing, so that a power cut takes none of them away.
 *
 * @throws WriteError (full disk, missing permission, ...)
 */
export function makeFolder(path: string): void {
  try {
    makeDurably(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** @throws Error of the operating system */
function makeDurably(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) syncFolder(dirname(made));
}

/** What is answered for a folder that one may write to but not read, and by file systems that cannot sync folders. */
const UNSYNCABLE = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP']);

/** Makes the names in this folder durable, where that can be done. Windows cannot open folders and needs no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!UNSYNCABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
