import { fetchFile } from '../utils/fetch-file.js';
import { readBody, type BodyProgress } from '../utils/read-body.js';

/** How a file is downloaded. */
export interface FetchOptions {
  readonly onProgress?: ((progress: BodyProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a file.
 *
 * @throws DataError when the server cannot be reached, answers with an error, or answers with a page
 */
export async function fetchBytes(url: string | URL, { onProgress, signal }: FetchOptions = {}): Promise<Uint8Array> {
  return await readBody(await fetchFile(url, { signal }), onProgress);
}
