import { EngineFailure } from './failure.js';

/**
 * Downloads a gzipped file and unpacks it, whether or not the host has its browser do that already.
 *
 * @throws EngineFailure (model-missing) when it cannot be had
 */
export async function fetchGzipped(url: string): Promise<Uint8Array> {
  const bytes = await fetchBytes(url);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const missing = (reason: string): EngineFailure => new EngineFailure('model-missing', `${url}: ${reason}`);
  try {
    const response = await fetch(url);
    if (!response.ok) throw missing(`the server answers ${response.status}`);
    // A host that has no such file may answer with its start page.
    if (response.headers.get('Content-Type')?.startsWith('text/html')) throw missing('the server answers with a page');
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw error instanceof EngineFailure ? error : missing((error as Error).message);
  }
}
