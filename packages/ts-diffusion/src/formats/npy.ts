import { DataError } from '../utils/errors.js';
import { sizeOf } from '../utils/shape.js';

/** An array of integers as NumPy saves it. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** NumPy's name of the type: `|u1` is uint8, `<i8` is int64 in little-endian order. */
  readonly type: string;
  /** The values row-major, as they are in the file. */
  readonly bytes: Uint8Array;
}

/** How each type is read. */
const readers: Readonly<Record<string, (view: DataView, index: number) => number>> = {
  '|b1': (view, i) => view.getUint8(i),
  '|u1': (view, i) => view.getUint8(i),
  '|i1': (view, i) => view.getInt8(i),
  '<u2': (view, i) => view.getUint16(2 * i, true),
  '<i2': (view, i) => view.getInt16(2 * i, true),
  '<u4': (view, i) => view.getUint32(4 * i, true),
  '<i4': (view, i) => view.getInt32(4 * i, true),
  '<u8': (view, i) => Number(view.getBigUint64(8 * i, true)),
  '<i8': (view, i) => Number(view.getBigInt64(8 * i, true)),
};

/**
 * Reads a .npy file (format versions 1 to 3) of integers in C order.
 *
 * @param name what to call the array in messages
 * @throws DataError for another file, other types, Fortran's order, and data of another length than the shape says
 */
export function decodeNpy(file: Uint8Array, name: string): NpyArray {
  const fail = (problem: string): never => {
    throw new DataError(`${name}: ${problem}`);
  };
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
  if (file.length < 12 || magic.some((byte, i) => file[i] !== byte)) fail('no array saved by NumPy (.npy)');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isFirstVersion = file[6] === 1;
  const begin = isFirstVersion ? 10 : 12;
  const end = begin + (isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(file.subarray(begin, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? fail('its header has no type');
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1] ?? fail('its header has no shape');
  if (!/'fortran_order':\s*False/.test(header)) fail("it is in Fortran's order; save it by numpy.ascontiguousarray");
  if (!Object.hasOwn(readers, type)) fail(`values of type ${type}; expected integers, images as uint8`);
  const shape = dimensions.split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]));
  const bytes = file.subarray(end);
  const expected = sizeOf(shape) * Number(type.slice(2));
  if (bytes.length !== expected)
    fail(`${bytes.length} bytes of data; its shape (${shape.join(', ')}) needs ${expected}`);
  return { shape, type, bytes };
}

/** The values of an array, row-major. */
export function npyValues({ shape, type, bytes }: NpyArray): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[type];
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => read?.(view, i) ?? NaN);
}
