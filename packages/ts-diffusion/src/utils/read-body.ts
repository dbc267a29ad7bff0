/**
 * The body of an answer.
 *
 * @param onProgress told after each piece; `total` is what the server announces, and at least `loaded`
 */
export async function readBody(
  response: Response,
  onProgress?: (progress: { readonly loaded: number; readonly total: number }) => void,
): Promise<Uint8Array> {
  const announced = Number(response.headers.get('Content-Length') ?? 0);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  const reader = (response.body ?? new Blob().stream()).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    loaded += value.length;
    onProgress?.({ loaded, total: Math.max(announced, loaded) });
  }
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
