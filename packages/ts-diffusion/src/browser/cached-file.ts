import { fetchFile, UnreachableError } from '../utils/fetch-file.js';
import { readBody } from '../utils/read-body.js';
import type { FetchOptions } from './fetch-bytes.js';

/** The name of the Cache that holds downloaded models. */
const CACHE = 'ts-diffusion';

/**
 * A file out of the browser's Cache API as long as the server says, by its ETag or date, that it has not changed; otherwise
 * downloaded and kept. Where the server cannot be reached, what is kept is used. Without the Cache API, as in a page that is not
 * served securely, it is downloaded.
 *
 * @throws DataError when it cannot be downloaded
 */
export async function cachedFile(url: string | URL, { onProgress, signal }: FetchOptions = {}): Promise<Uint8Array> {
  const cache = await openCache();
  const kept = await cache?.match(url);
  if (kept !== undefined && (await isCurrent(kept, url, signal))) return await readBody(kept, onProgress);
  const response = await fetchFile(url, { signal });
  const copy = response.clone();
  const bytes = await readBody(response, onProgress);
  // Only a whole file is kept. A browser that is out of space for it has the file all the same.
  await cache?.put(url, copy).catch(() => undefined);
  return bytes;
}

async function openCache(): Promise<Cache | undefined> {
  // Undefined in a page that is not secure; refused in a frame without storage.
  return await (globalThis as { caches?: CacheStorage }).caches?.open(CACHE).catch(() => undefined);
}

/** A HEAD request is one that a server of another origin answers without being asked for permission first. */
async function isCurrent(kept: Response, url: string | URL, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const { headers } = await fetchFile(url, { signal, method: 'HEAD', cache: 'no-cache' });
    const validator = ['ETag', 'Last-Modified'].find((name) => kept.headers.has(name));
    return validator !== undefined && headers.get(validator) === kept.headers.get(validator);
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof UnreachableError;
  }
}
