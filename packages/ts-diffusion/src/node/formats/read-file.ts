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
  const file = await open(path).catch((error: unknown) => fail((error as Error).message, error));
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) fail('it is a folder, not a file');
    if (stats.size > largest) fail(`${stats.size} bytes; at most ${largest} are read`);
    return await file.readFile();
  } catch (error) {
    if (error instanceof DataError) throw error;
    return fail((error as Error).message, error);
  } finally {
    await file.close();
  }
}
