/** Bytes of a body that have arrived, and those in all where the server says. */
export interface BodyProgress {
  readonly loaded: number;
  readonly announced: number | undefined;
}

/**
 * The body of an answer.
 *
 * @param onProgress told after each piece
 */
export async function readBody(response: Response, onProgress?: (progress: BodyProgress) => void): Promise<Uint8Array> {
  const length = response.headers.get('Content-Length');
  // The length of a compressed body says nothing about what it unpacks to.
  const announced = length === null || response.headers.has('Content-Encoding') ? undefined : Number(length);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  const reader = (response.body ?? new Blob().stream()).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    loaded += value.length;
    onProgress?.({ loaded, announced });
  }
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
