import { EngineFailure } from './failure.js';
import { joinBytes } from './join-bytes.js';
import type { DownloadProgress } from './protocol.js';

/** Downloads a file. @throws EngineFailure (model-missing) when it cannot be had */
export async function fetchBytes(url: string, onProgress?: (progress: DownloadProgress) => void): Promise<Uint8Array> {
  const missing = (reason: string): EngineFailure => new EngineFailure('model-missing', `${url}: ${reason}`);
  let response: globalThis.Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw missing((error as Error).message);
  }
  if (!response.ok || response.body === null) throw missing(`the server answers ${response.status}`);
  // A host that has no such file may answer with its start page.
  if (response.headers.get('Content-Type')?.startsWith('text/html')) throw missing('the server answers with a page');
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
  return joinBytes(chunks);
}
