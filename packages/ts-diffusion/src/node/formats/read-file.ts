import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DataError } from '../../utils/errors.js';

/**
 * The bytes of a file, unless there are too many of them.
 *
 * @param largest bytes
 * @throws DataError where it is missing, a folder, not readable, or larger
 */
export async function readBoundedFile(path: string, largest: number): Promise<Uint8Array> {
  const fail = (problem: string, cause?: unknown): never => {
    throw new DataError(`cannot read ${path}: ${problem}`, { cause });
  };
  const failWith = (error: unknown): never => fail((error as Error).message, error);
  // Without O_NONBLOCK (which Windows lacks), opening a pipe waits for somebody to write into it.
  const flags = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
  const file = await open(path, flags).catch(failWith);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) fail('it is a folder, not a file');
    if (!stats.isFile()) fail('it is no regular file');
    if (stats.size > largest) fail(`${stats.size} bytes; at most ${largest} are read`);
    return await file.readFile();
  } catch (error) {
    if (error instanceof DataError) throw error;
    return failWith(error);
  } finally {
    await file.close();
  }
}
