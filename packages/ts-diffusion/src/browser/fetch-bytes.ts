import { DataError } from '../utils/errors.js';

/** Bytes of a download so far; `total` is at least `loaded`, and equal to it where the server does not tell. */
export interface DownloadProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface FetchOptions {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a file.
 *
 * @throws DataError when the server cannot be reached, answers with an error, or answers with a page
 */
export async function fetchBytes(url: string | URL, { onProgress, signal }: FetchOptions = {}): Promise<Uint8Array> {
  const missing = (reason: string): DataError => new DataError(`${String(url)}: ${reason}`);
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw missing((error as Error).message);
  }
  if (!response.ok || response.body === null) throw missing(`the server answers ${response.status}`);
  // A host that has no such file may answer with its start page.
  if (response.headers.get('Content-Type')?.startsWith('text/html') === true) {
    throw missing('the server answers with a page');
  }
  const total = Number(response.headers.get('Content-Length') ?? 0);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    loaded += value.length;
    onProgress?.({ loaded, total: Math.max(total, loaded) });
  }
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
