const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const BYTES = 4;

/** Values of four bytes each as a file holds them: a view where the host stores them so, else a copy. */
export function littleEndianBytes(data: Float32Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return hostIsLittleEndian ? bytes : reversedInFours(bytes);
}

/** The values of such bytes. Copies (not with `slice`, which in a Buffer is a view): their place in a file need not be aligned. */
export function fourByteValues<Values>(bytes: Uint8Array, type: new (buffer: ArrayBuffer) => Values): Values {
  const copy = hostIsLittleEndian ? new Uint8Array(bytes) : reversedInFours(bytes);
  return new type(copy.buffer);
}

function reversedInFours(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (_, i) => bytes[i - (i % BYTES) + BYTES - 1 - (i % BYTES)] as number);
}
