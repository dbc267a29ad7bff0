import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelProgress, type LoadProgress } from '../../pipeline/model-source.js';
import { WriteError } from '../../utils/errors.js';
import { fetchFile, UnreachableError } from '../../utils/fetch-file.js';
import { readBody } from '../../utils/read-body.js';
import { cacheFolder } from '../data/cache-folder.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { sha256Hex } from '../platform/sha256.js';

/** How a model is downloaded. */
export interface FetchModelOptions {
  readonly cache?: boolean | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when the server cannot be reached and what was kept of it is used, and when the cache cannot be written. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

/** What is known of a file that is kept, as JSON beside it. */
interface Note {
  readonly url: string;
  readonly sha256: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

const NOT_MODIFIED = 304;

/**
 * Downloads a model, or takes it out of the cache folder as long as the server says, by its ETag or date, that it has not
 * changed. Where the server cannot be reached, what is kept is used; where nothing can be kept, it is used all the same. A file in the cache that was damaged is downloaded again.
 *
 * @throws DataError when it cannot be downloaded, the signal's reason once it is aborted
 */
export async function fetchModel(url: URL, options: FetchModelOptions = {}): Promise<Uint8Array> {
  const { cache = true, onProgress, signal, onMessage } = options;
  const path = join(cacheFolder(process.env), 'models', `${sha256Hex(new TextEncoder().encode(url.href))}.safetensors`);
  const kept = cache ? readKept(path) : undefined;
  try {
    const headers = kept === undefined ? {} : conditions(kept.note);
    const response = await fetchFile(url, { signal, headers }, [NOT_MODIFIED]);
    if (kept !== undefined && response.status === NOT_MODIFIED) return reported(kept.bytes, onProgress);
    const bytes = await readBody(response, modelProgress(onProgress));
    if (cache) keepIfPossible(path, bytes, url, response.headers, onMessage);
    return bytes;
  } catch (error) {
    if (kept === undefined || !(error instanceof UnreachableError)) throw error;
    onMessage?.(`${error.message} Using the copy in ${path}.`);
    return reported(kept.bytes, onProgress);
  }
}

function reported(bytes: Uint8Array, onProgress: FetchModelOptions['onProgress']): Uint8Array {
  onProgress?.({ loaded: bytes.length, total: bytes.length });
  return bytes;
}

function conditions({ etag, lastModified }: Note): Record<string, string> {
  if (etag !== null) return { 'If-None-Match': etag };
  return lastModified === null ? {} : { 'If-Modified-Since': lastModified };
}

function readKept(path: string): { readonly bytes: Uint8Array; readonly note: Note } | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const bytes = readFileSync(path);
    const note = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Note;
    return sha256Hex(bytes) === note.sha256 ? { bytes, note } : undefined;
  } catch {
    // Half a note, or none: as if nothing were kept.
    return undefined;
  }
}

function keepIfPossible(
  path: string,
  bytes: Uint8Array,
  url: URL,
  headers: Headers,
  onMessage: FetchModelOptions['onMessage'],
): void {
  try {
    keep(path, bytes, url, headers);
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    onMessage?.(`${error.message}; the model is used, and not kept for the next time.`);
  }
}

function keep(path: string, bytes: Uint8Array, url: URL, headers: Headers): void {
  const [etag, lastModified] = [headers.get('ETag'), headers.get('Last-Modified')];
  const note: Note = { url: url.href, sha256: sha256Hex(bytes), etag, lastModified };
  writeFileAtomic(path, bytes);
  writeFileAtomic(`${path}.json`, JSON.stringify(note));
}
