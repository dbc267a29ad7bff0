import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError } from '../../utils/errors.js';

const decompress = promisify(gunzip);

/** Images compress to a fifth; what grows far beyond this is no data set but an attack on memory. */
const LARGEST_GROWTH = 20;
/** Small files may grow more: blank images. */
const ALWAYS_READ = 64 * 2 ** 20;
const CHUNK = 2 ** 20;

/**
 * Undoes gzip where the bytes begin with its magic number, whatever the file is called; other bytes are returned as they are.
 * @param file what to call the file in errors
 * @throws DataError for a truncated or damaged gzip stream (its CRC is checked), and for one that holds more than 64 MiB and more
 * than 20 times its own size
 */
export async function decompressed(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const largest = Math.max(ALWAYS_READ, LARGEST_GROWTH * bytes.length);
  try {
    return await decompress(bytes, { maxOutputLength: largest, chunkSize: CHUNK });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      const growth = `its ${bytes.length} bytes hold more than ${largest} uncompressed`;
      throw new DataError(`${file}: ${growth}; if the file is correct, decompress it yourself`, { cause: error });
    }
    const problem = code === 'Z_BUF_ERROR' ? 'is truncated' : `is damaged (${message})`;
    throw new DataError(`${file}: the gzip stream ${problem}; download the file again`, { cause: error });
  }
}

/**
 * The bytes of a data file, raw or gzipped.
 * @throws DataError where it cannot be read
 */
export async function readDataFile(path: string): Promise<Uint8Array> {
  try {
    return await decompressed(await readFile(path), path);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
