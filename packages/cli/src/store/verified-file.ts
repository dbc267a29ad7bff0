import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeError } from 'ts-diffusion/node';
import { VerifiedStream } from './verified-stream.js';

/** What names of files end in that are not finished. */
export const UNFINISHED = '.tmp';

let serial = 0;

/** A name in use nowhere else for what is about to become a file, in the same folder. */
export function unfinishedName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${serial++}${UNFINISHED}`);
}

/** Hash and size of a file, read in pieces. @throws Error of the operating system */
export async function hashFile(path: string): Promise<{ readonly sha256: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest('hex'), size };
}

/**
 * Writes a stream to a file that appears whole, on the disk, and with the expected content, or not at all. Missing folders are made.
 *
 * @param open begins to read
 * @throws OtherContentError, WriteError where the file cannot be written, and what the stream fails with
 */
export async function writeVerified(
  open: () => Promise<Readable> | Readable,
  expected: { readonly sha256: string; readonly size: number },
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  const unfinished = unfinishedName(path);
  // A failed stream must not be taken for a failed disk.
  let failure: { readonly error: unknown } | undefined;
  const failing = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw writeError(path, error);
    }
  };
  try {
    await failing(() => mkdir(dirname(path), { recursive: true }));
    const stream = await open();
    const file = createWriteStream(unfinished, { flags: 'wx', flush: true });
    file.once('error', (error) => (failure ??= { error }));
    const closed = new Promise<void>((resolve) => {
      file.once('close', () => {
        resolve();
      });
    });
    try {
      await pipeline(stream, new VerifiedStream(expected), file, { ...(signal && { signal }) });
    } catch (error) {
      // Before it closes: then the file tells of any failure.
      const isOfFile = failure?.error === error;
      // A file that is still being opened would appear after it was removed.
      file.destroy();
      await closed;
      if (isOfFile) throw writeError(path, error);
      throw error;
    }
    await failing(() => rename(unfinished, path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
