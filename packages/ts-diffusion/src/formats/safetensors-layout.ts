import { ConfigError, CheckpointError } from '../utils/errors.js';
import { isRecord } from '../utils/is-record.js';
import { sizeOf } from '../utils/shape.js';
import { parseJson } from './parse-json.js';

/** Bytes of the length field at the start of the file. */
export const HEADER_LENGTH_BYTES = 8;
const METADATA_KEY = '__metadata__';
/** The networks here need 100 kB; the reference implementation reads up to 100 MB. */
const LARGEST_HEADER = 8 * 2 ** 20;
const ALIGNMENT = 8;
const DTYPES =
  'BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64'.split(' ');

/** A tensor as the bytes that the file has of it. */
export interface RawTensor<Dtype extends string> {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

/** Bytes per element of the types that are read or written. */
export type ElementBytes<Dtype extends string> = Readonly<Record<Dtype, number>>;

/** A file's tensors in the order of their data, and the header's `__metadata__`. */
export interface RawSafetensors<Dtype extends string> {
  readonly tensors: readonly RawTensor<Dtype>[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes tensors in the safetensors format: an 8-byte little-endian header length, a JSON header padded with spaces so that
 * the data start at a multiple of 8 bytes, then the tensors without gaps in their order.
 * Source: https://github.com/huggingface/safetensors#format
 *
 * @throws ConfigError when a tensor's shape does not fit its data, or a name is reserved
 */
export function encodeRawSafetensors<Dtype extends string>(
  tensors: readonly RawTensor<Dtype>[],
  metadata: Readonly<Record<string, string>>,
  elementBytes: ElementBytes<Dtype>,
): Uint8Array {
  const header: Record<string, unknown> = { [METADATA_KEY]: metadata };
  let dataBytes = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    if (name === METADATA_KEY) throw new ConfigError(`"${METADATA_KEY}" cannot name a tensor`);
    if (sizeOf(shape) * elementBytes[dtype] !== bytes.length) {
      const elements = bytes.length / elementBytes[dtype];
      throw new ConfigError(`Tensor "${name}" of shape [${shape.join(', ')}] has ${elements} elements`);
    }
    const end = dataBytes + bytes.length;
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
  for (const { bytes } of tensors) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/**
 * Reads a safetensors file, checking every field but the numbers: the lengths, the JSON (as strictly as the format asks for: no
 * byte-order mark, no key twice), each tensor's type, shape and offsets, and that the tensors cover the data exactly, without
 * overlap, gap or rest.
 *
 * @param path only for the messages
 * @param elementBytes the types that may occur
 * @returns views of the file
 * @throws CheckpointError naming the field and byte that are wrong
 */
export function decodeRawSafetensors<Dtype extends string>(
  file: Uint8Array,
  path: string,
  elementBytes: ElementBytes<Dtype>,
): RawSafetensors<Dtype> {
  const fail = refusal(path);
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

  const described = Object.entries(entries).map(([name, entry]) => ({
    name,
    ...checkEntry(name, entry, elementBytes, fail),
  }));
  described.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors: RawTensor<Dtype>[] = [];
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
    tensors.push({ name, dtype, shape, bytes });
    position = end;
  }
  if (dataStart + position !== file.length) {
    fail(`${file.length - dataStart - position} bytes follow the last tensor`);
  }
  return { tensors, metadata };
}

type Fail = (problem: string) => never;

/** Refuses a file. @param path of the file, for the message */
export function refusal(path: string): Fail {
  return (problem) => {
    throw new CheckpointError(`${path}: not a valid safetensors file: ${problem}.`);
  };
}

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

interface Entry<Dtype> {
  readonly dtype: Dtype;
  readonly shape: number[];
  /** In the data, bytes. */
  readonly begin: number;
  readonly end: number;
}

function checkEntry<Dtype extends string>(
  name: string,
  entry: unknown,
  elementBytes: ElementBytes<Dtype>,
  fail: Fail,
): Entry<Dtype> {
  if (!isRecord(entry)) return fail(`the description of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const isRead = (type: unknown): type is Dtype => typeof type === 'string' && Object.hasOwn(elementBytes, type);
  if (!isRead(dtype)) {
    const known = typeof dtype === 'string' && DTYPES.includes(dtype);
    const read = Object.keys(elementBytes);
    return fail(
      `tensor "${name}" has ${known ? '' : 'unknown '}dtype ${JSON.stringify(dtype)}; ` +
        `only ${read.slice(0, -1).join(', ')} and ${read.at(-1) ?? ''} are read here; save it as one of these`,
    );
  }
  if (!isSizes(shape)) return fail(`tensor "${name}" has shape ${JSON.stringify(shape)}, expected a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    return fail(`tensor "${name}" has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const needed = sizeOf(shape) * elementBytes[dtype];
  if (end - begin !== needed) {
    return fail(
      `tensor "${name}" of shape [${shape.join(', ')}] needs ${needed} bytes, ` +
        `but its data_offsets [${begin}, ${end}] span ${end - begin}`,
    );
  }
  return { dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}
