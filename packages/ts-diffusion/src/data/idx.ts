import { ConfigError, DataError } from '../utils/errors.js';
import { sizeOf } from '../utils/shape.js';
import { bytes, Kind, signature, text } from '../utils/arguments.js';
import { idxArray } from '../utils/argument-shapes.js';

/**
 * The IDX format of the MNIST files (LeCun, Cortes, Burges): two zero bytes, a data type, the rank, one big-endian uint32 per
 * dimension, then the values row-major. Here always unsigned bytes.
 */
export interface IdxArray {
  /** [N, height, width] for images, [N, C, height, width] for those of several channels, [N] for labels. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const dataTypes: Record<number, string> = {
  0x09: 'signed bytes',
  0x0b: '16-bit integers',
  0x0c: '32-bit integers',
  0x0d: '32-bit floats',
  0x0e: '64-bit floats',
};
/** By rank. */
const dimensionNames = {
  1: ['number of items'],
  3: ['number of items', 'height', 'width'],
  4: ['number of items', 'number of channels', 'height', 'width'],
} as const;

const decodeIdxArguments = signature('decodeIdx', {
  bytes,
  file: text,
  rank: Kind.of('1, 3 or 4', (value) => value === 1 || value === 3 || value === 4),
});

/**
 * Reads IDX bytes, checking every field. The data is a view into `bytes`.
 * @param file what to call the file in errors
 * @param rank 3 for images [N, height, width], 4 for images [N, C, height, width], 1 for labels [N]
 * @throws DataError naming the file, the field and what was expected
 */
export function decodeIdx(bytes: Uint8Array, file: string, rank: 1 | 3 | 4): IdxArray {
  decodeIdxArguments({ bytes, file, rank });
  const kind = rank === 1 ? 'labels' : 'images';
  const fail = (problem: string): never => {
    throw new DataError(`${file}: ${problem}; expected an IDX file of ${kind}`);
  };
  const headerLength = 4 + 4 * rank;
  if (bytes.length < 4) fail(`${bytes.length} bytes are too few for the 4-byte IDX magic number`);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    fail(`the magic number starts with bytes ${hex(bytes[0])} ${hex(bytes[1])} instead of 0x00 0x00`);
  }
  const type = bytes[2] as number;
  if (type !== UNSIGNED_BYTE) {
    fail(`data type ${hex(type)} (${dataTypes[type] ?? 'unknown'}) at byte 2 instead of 0x08 (unsigned bytes)`);
  }
  if (bytes[3] !== rank) fail(`${bytes[3] as number} dimensions at byte 3 instead of ${rank}`);
  if (bytes.length < headerLength) {
    fail(`the file ends after ${bytes.length} bytes, inside the ${headerLength}-byte header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  shape.forEach((size, i) => {
    if (size === 0) fail(`the ${dimensionNames[rank][i] as string} at byte ${4 + 4 * i} is 0`);
  });
  const expected = sizeOf(shape);
  const actual = bytes.length - headerLength;
  if (actual !== expected) {
    const difference = actual < expected ? `truncated: ${expected - actual} missing` : `${actual - expected} trailing`;
    fail(`the header promises ${shape.join('x')} = ${expected} bytes of data, the file has ${actual} (${difference})`);
  }
  return { shape, data: bytes.subarray(headerLength) };
}

/** Gray; gray and alpha; RGB; RGB and alpha. */
const MOST_CHANNELS = 4;

/** Images, gray or in channels, as the file says. @throws DataError as `decodeIdx`, and for more than 4 channels */
export function decodeIdxImages(bytes: Uint8Array, file: string): IdxArray {
  if (bytes[3] !== 4) return decodeIdx(bytes, file, 3);
  const images = decodeIdx(bytes, file, 4);
  const [, channels = 1] = images.shape;
  if (channels <= MOST_CHANNELS) return images;
  throw new DataError(`${file}: the number of channels at byte 8 is ${channels}; expected 1 to ${MOST_CHANNELS}`);
}

const encodeIdxArguments = signature('encodeIdx', { array: idxArray });

/**
 * Writes IDX bytes.
 * @param array shape of 1..255 dimensions, each 1..2^32-1, and as many bytes as it says
 * @throws ConfigError where the data does not fill the shape
 */
export function encodeIdx(array: IdxArray): Uint8Array {
  encodeIdxArguments({ array });
  const { shape, data } = array;
  if (sizeOf(shape) !== data.length) {
    throw new ConfigError(`shape ${shape.join('x')} does not hold ${data.length} bytes`);
  }
  const header = encodeIdxHeader(shape);
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

/** The IDX header of an array of unsigned bytes: magic number and dimensions. */
export function encodeIdxHeader(shape: readonly number[]): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, UNSIGNED_BYTE, shape.length]);
  const view = new DataView(header.buffer);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  return header;
}

/** The shape of images as an IDX file has it: gray ones have no dimension for channels. */
export function idxImageShape(count: number, channels: number, height: number, width: number): number[] {
  return channels === 1 ? [count, height, width] : [count, channels, height, width];
}

/** What `idxImageShape` was made of, without the number of images: [channels, height, width]. */
export function idxImageSize(shape: readonly number[]): readonly [channels: number, height: number, width: number] {
  const [channels = 1, height = 0, width = 0] = shape.length === 4 ? shape.slice(1) : [1, ...shape.slice(1)];
  return [channels, height, width];
}

const hex = (byte: number | undefined): string => `0x${(byte ?? 0).toString(16).padStart(2, '0')}`;
