import { fourByteValues, littleEndianBytes } from './little-endian.js';
import { isIntact, NO_DIGEST, sealed } from './safetensors-digest.js';
import { decodeRawSafetensors, encodeRawSafetensors } from './safetensors-layout.js';

/** Bytes per element. */
const ELEMENT_BYTES = { U8: 1, I32: 4, F32: 4 } as const;

/** Copies: a view would keep the whole file in memory. */
const valuesOf = {
  U8: (bytes: Uint8Array) => new Uint8Array(bytes),
  I32: (bytes: Uint8Array) => fourByteValues(bytes, Int32Array),
  F32: (bytes: Uint8Array) => fourByteValues(bytes, Float32Array),
};

/** A tensor of bytes, integers or floats, row-major. */
export interface TypedTensor {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int32Array | Float32Array;
}

/** Tensors with the strings of the header's `__metadata__`. */
export interface TypedTensors {
  readonly tensors: ReadonlyMap<string, TypedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes tensors of several types as a safetensors file under a checksum, as `encodeWithDigest` does of floats.
 *
 * @throws ConfigError when a tensor's shape does not fit its data, or a name is reserved
 */
export function encodeTypedTensors({ tensors, metadata }: TypedTensors): Uint8Array {
  const raw = Array.from(tensors, ([name, { shape, data }]) => {
    if (data instanceof Uint8Array) return { name, dtype: 'U8' as const, shape, bytes: data };
    const dtype = data instanceof Int32Array ? ('I32' as const) : ('F32' as const);
    return { name, dtype, shape, bytes: littleEndianBytes(data) };
  });
  return sealed(encodeRawSafetensors(raw, { ...metadata, sha256: NO_DIGEST }, ELEMENT_BYTES));
}

/**
 * Reads what `encodeTypedTensors` wrote.
 *
 * @param path only for the messages
 * @returns null where the file is not as it was written
 * @throws CheckpointError where it is no such file at all
 */
export function decodeTypedTensors(file: Uint8Array, path: string): TypedTensors | null {
  const { tensors: raw, metadata } = decodeRawSafetensors(file, path, ELEMENT_BYTES);
  if (!isIntact(file, metadata['sha256'] ?? '')) return null;
  const tensors = new Map<string, TypedTensor>();
  for (const { name, dtype, shape, bytes } of raw) {
    tensors.set(name, { shape, data: valuesOf[dtype](bytes) });
  }
  return { tensors, metadata };
}
