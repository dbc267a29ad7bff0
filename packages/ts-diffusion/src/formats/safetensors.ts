import { decodeFloat16, encodeFloat16 } from '../utils/float16.js';
import type { NamedTensor } from '../utils/named-tensor.js';
import { fourByteValues, littleEndianBytes } from './little-endian.js';
import { decodeRawSafetensors, encodeRawSafetensors, refusal } from './safetensors-layout.js';
import { text, bytes, record, tensorMap, signature } from '../utils/arguments.js';

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, NamedTensor>;
  /** The header's `__metadata__`: strings only, by the format's rule. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes per element of what is written here. */
const WRITTEN_BYTES = { F32: 4, F16: 2 } as const;
/** And of what is read. */
const READ_BYTES = { ...WRITTEN_BYTES, BF16: 2, F64: 8 } as const;
export type FloatType = keyof typeof WRITTEN_BYTES;

const encodeSafetensorsArguments = signature('encodeSafetensors', {
  tensors: tensorMap,
  metadata: record.optional(),
  dtype: text.optional(),
});

/**
 * Writes tensors in the safetensors format, in the order of the map (see `encodeRawSafetensors`).
 *
 * @param dtype what the numbers are rounded to in the file
 * @throws ConfigError when a tensor's shape does not fit its data, or a name is reserved
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
  dtype: FloatType = 'F32',
): Uint8Array {
  encodeSafetensorsArguments({ tensors, metadata, dtype });
  const raw = Array.from(tensors, ([name, { shape, data }]) => {
    return { name, dtype, shape, bytes: dtype === 'F32' ? littleEndianBytes(data) : float16Bytes(data) };
  });
  return encodeRawSafetensors(raw, metadata, WRITTEN_BYTES);
}

const decodeSafetensorsArguments = signature('decodeSafetensors', { file: bytes, path: text });

/**
 * Reads a safetensors file of float32, float16, bfloat16 and float64 tensors, all as float32, checking every field: the lengths, the JSON (as
 * strictly as the format asks for: no byte-order mark, no key twice), each tensor's type, shape and offsets, that the tensors
 * cover the data exactly, without overlap, gap or rest, and that all numbers are finite as float32.
 *
 * @param path only for the messages
 * @throws CheckpointError naming the field and byte that are wrong
 */
export function decodeSafetensors(file: Uint8Array, path: string): Safetensors {
  decodeSafetensorsArguments({ file, path });
  const { tensors: raw, metadata } = decodeRawSafetensors(file, path, READ_BYTES);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, dtype, shape, bytes } of raw) {
    const data = decoders[dtype](bytes);
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      refusal(path)(
        `tensor "${name}" has ${data[wrong] as number} as element ${wrong}; weights are finite float32 numbers`,
      );
    }
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function float16Bytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length * WRITTEN_BYTES.F16);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setUint16(i * WRITTEN_BYTES.F16, encodeFloat16(value), true);
  });
  return bytes;
}

/** float32 from the bytes of each type. */
const decoders: Readonly<Record<keyof typeof READ_BYTES, (bytes: Uint8Array) => Float32Array>> = {
  F32: (bytes) => fourByteValues(bytes, Float32Array),
  F16: (bytes) => elements(bytes, 'F16', (view, offset) => decodeFloat16(view.getUint16(offset, true))),
  BF16: floatsFromBfloat16,
  F64: (bytes) => elements(bytes, 'F64', (view, offset) => view.getFloat64(offset, true)),
};

function elements(
  bytes: Uint8Array,
  dtype: keyof typeof READ_BYTES,
  at: (view: DataView, offset: number) => number,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length / READ_BYTES[dtype];
  return Float32Array.from({ length }, (_, i) => at(view, i * READ_BYTES[dtype]));
}

/** A bfloat16 is the upper half of a float32. */
function floatsFromBfloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length / READ_BYTES.BF16;
  const bits = Uint32Array.from({ length }, (_, i) => view.getUint16(i * READ_BYTES.BF16, true) << 16);
  return new Float32Array(bits.buffer);
}
