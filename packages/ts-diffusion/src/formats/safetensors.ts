import { ConfigError, CheckpointError } from '../utils/errors.js';
import { decodeFloat16, encodeFloat16 } from '../utils/float16.js';
import { sizeOf } from '../utils/shape.js';
import type { NamedTensor } from '../utils/named-tensor.js';
import { parseJson } from './parse-json.js';
import { text, bytes, record, tensorMap, signature } from '../utils/arguments.js';

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Map<string, NamedTensor>;
  /** The header's `__metadata__`: strings only, by the format's rule. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of the length field at the start of the file. */
export const HEADER_LENGTH_BYTES = 8;
const METADATA_KEY = '__metadata__';
/** The networks here need 100 kB; the reference implementation reads up to 100 MB. */
const LARGEST_HEADER = 8 * 2 ** 20;
const ALIGNMENT = 8;
const FLOAT_BYTES = 4;
/** Bytes per element of what is read and written here. */
const ELEMENT_BYTES = { F32: FLOAT_BYTES, F16: 2 } as const;
export type FloatType = keyof typeof ELEMENT_BYTES;
const DTYPES =
  'BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64'.split(' ');

const encodeSafetensorsArguments = signature('encodeSafetensors', {
  tensors: tensorMap,
  metadata: record.optional(),
  dtype: text.optional(),
});

/**
 * Writes tensors in the safetensors format: an 8-byte little-endian header length, a JSON header padded with spaces so that
 * the data start at a multiple of 8 bytes, then the tensors without gaps in the order of the map.
 * Source: https://github.com/huggingface/safetensors#format
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
  const header: Record<string, unknown> = { [METADATA_KEY]: metadata };
  let dataBytes = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA_KEY) throw new ConfigError(`"${METADATA_KEY}" cannot name a tensor`);
    if (sizeOf(shape) !== data.length) {
      throw new ConfigError(`Tensor "${name}" of shape [${shape.join(', ')}] has ${data.length} elements`);
    }
    const end = dataBytes + data.length * ELEMENT_BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [dataBytes, end] };
    dataBytes = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(HEADER_LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, HEADER_LENGTH_BYTES, HEADER_LENGTH_BYTES + headerBytes);
  file.set(json, HEADER_LENGTH_BYTES);
  let offset = HEADER_LENGTH_BYTES + headerBytes;
  for (const { data } of tensors.values()) {
    const bytes = dtype === 'F32' ? littleEndianBytes(data) : float16Bytes(data);
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

const decodeSafetensorsArguments = signature('decodeSafetensors', { file: bytes, path: text });

/**
 * Reads a safetensors file of float32 and float16 tensors, all as float32, checking every field: the lengths, the JSON (as
 * strictly as the format asks for: no byte-order mark, no key twice), each tensor's type, shape and offsets, that the tensors
 * cover the data exactly, without overlap, gap or rest, and that all numbers are finite.
 *
 * @param path only for the messages
 * @throws CheckpointError naming the field and byte that are wrong
 */
export function decodeSafetensors(file: Uint8Array, path: string): Safetensors {
  decodeSafetensorsArguments({ file, path });
  const fail = (problem: string): never => {
    throw new CheckpointError(`${path}: not a valid safetensors file: ${problem}.`);
  };
  if (file.length < HEADER_LENGTH_BYTES) {
    return fail(`${file.length} bytes, shorter than the ${HEADER_LENGTH_BYTES}-byte header length`);
  }
  const declared = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  const available = file.length - HEADER_LENGTH_BYTES;
  if (declared > BigInt(LARGEST_HEADER)) {
    return fail(`the header length at byte 0 is ${declared.toString()}, more than ${LARGEST_HEADER} bytes`);
  }
  if (declared > BigInt(available)) {
    return fail(
      `the header length at byte 0 is ${declared.toString()}, but ${available} bytes follow (truncated file?)`,
    );
  }
  const dataStart = HEADER_LENGTH_BYTES + Number(declared);
  const header = parseHeader(file.subarray(HEADER_LENGTH_BYTES, dataStart), fail);
  const { [METADATA_KEY]: rawMetadata, ...entries } = header;
  const metadata = checkMetadata(rawMetadata ?? {}, fail);

  const described = Object.entries(entries).map(([name, entry]) => ({ name, ...checkEntry(name, entry, fail) }));
  described.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, NamedTensor>();
  let position = 0;
  for (const { name, dtype, shape, begin, end } of described) {
    if (begin !== position) {
      const relation = begin < position ? 'overlaps the tensor before it' : 'leaves a gap before it';
      fail(`tensor "${name}" begins at data byte ${begin} where ${position} was expected: it ${relation}`);
    }
    if (dataStart + end > file.length) {
      fail(`tensor "${name}" ends at byte ${dataStart + end}, but the file has ${file.length} bytes (truncated file?)`);
    }
    const bytes = file.subarray(dataStart + begin, dataStart + end);
    const data = dtype === 'F32' ? floatsFromLittleEndian(bytes) : floatsFromFloat16(bytes);
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      fail(`tensor "${name}" has ${data[wrong] as number} as element ${wrong}; weights are finite numbers`);
    tensors.set(name, { shape, data });
    position = end;
  }
  if (dataStart + position !== file.length) {
    fail(`${file.length - dataStart - position} bytes follow the last tensor`);
  }
  return { tensors, metadata };
}

type Fail = (problem: string) => never;

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(bytes, { strict: true });
  } catch (error) {
    return fail(
      `the header at byte ${HEADER_LENGTH_BYTES} is not JSON as the format asks for (${(error as Error).message})`,
    );
  }
  return isRecord(value) ? value : fail('the header is not a JSON object');
}

function checkMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (!isRecord(value)) return fail(`"${METADATA_KEY}" is not an object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') fail(`"${METADATA_KEY}.${key}" is not a string`);
  }
  return value as Record<string, string>;
}

interface Entry {
  readonly dtype: FloatType;
  readonly shape: number[];
  /** In the data, bytes. */
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, entry: unknown, fail: Fail): Entry {
  if (!isRecord(entry)) return fail(`the description of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32' && dtype !== 'F16') {
    const known = typeof dtype === 'string' && DTYPES.includes(dtype);
    return fail(
      `tensor "${name}" has ${known ? '' : 'unknown '}dtype ${JSON.stringify(dtype)}; only F32 and F16 are read here`,
    );
  }
  if (!isSizes(shape)) return fail(`tensor "${name}" has shape ${JSON.stringify(shape)}, expected a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    return fail(`tensor "${name}" has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const needed = sizeOf(shape) * ELEMENT_BYTES[dtype];
  if (end - begin !== needed) {
    return fail(
      `tensor "${name}" of shape [${shape.join(', ')}] needs ${needed} bytes, ` +
        `but its data_offsets [${begin}, ${end}] span ${end - begin}`,
    );
  }
  return { dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndianBytes(data: Float32Array): Uint8Array {
  if (hostIsLittleEndian) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setFloat32(i * FLOAT_BYTES, value, true);
  });
  return bytes;
}

/** Copies (not with `slice`, which in a Buffer is a view): the place in the file need not be aligned for a Float32Array. */
function floatsFromLittleEndian(bytes: Uint8Array): Float32Array {
  if (hostIsLittleEndian) return new Float32Array(new Uint8Array(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / FLOAT_BYTES }, (_, i) => view.getFloat32(i * FLOAT_BYTES, true));
}

function float16Bytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length * ELEMENT_BYTES.F16);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    view.setUint16(i * ELEMENT_BYTES.F16, encodeFloat16(value), true);
  });
  return bytes;
}

function floatsFromFloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / ELEMENT_BYTES.F16 }, (_, i) =>
    decodeFloat16(view.getUint16(i * ELEMENT_BYTES.F16, true)),
  );
}
