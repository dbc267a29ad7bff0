/** The buffers of a result's typed arrays, each once: they are the caller's from now on. Buffers that only part of is sent of are copied. */
export function transferables(value: unknown): Transferable[] {
  if (typeof value !== 'object' || value === null) return [];
  const buffers = Object.values(value).flatMap((field: unknown) =>
    ArrayBuffer.isView(field) && field.buffer instanceof ArrayBuffer && field.byteLength === field.buffer.byteLength
      ? [field.buffer]
      : [],
  );
  return [...new Set(buffers)];
}
