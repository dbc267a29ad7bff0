import { DataError } from '../../utils/errors.js';
import { fetchBytes, type FetchOptions } from '../fetch-bytes.js';

/**
 * Downloads a data file and undoes gzip where the bytes begin with its magic number: some hosts let the browser do that.
 * @throws DataError when it cannot be downloaded or the gzip stream is truncated or damaged
 */
export async function fetchDataFile(url: string | URL, options?: FetchOptions): Promise<Uint8Array> {
  const bytes = await fetchBytes(url, options);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (error) {
    throw new DataError(`${String(url)}: the gzip stream is truncated or damaged; download the file again`, {
      cause: error,
    });
  }
}
