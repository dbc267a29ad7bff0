import { inflateRawSync } from 'node:zlib';
import { DataError } from '../../utils/errors.js';
import { crc32 } from '../../utils/crc32.js';

/** A file inside a zip archive. */
export interface ZipEntry {
  /** Bytes when uncompressed. */
  readonly size: number;
  /** Its content. @throws DataError where it is damaged, encrypted, or compressed otherwise than by deflate */
  read(): Uint8Array;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 0xffff;

/** Arrays of images compress to a fifth; what grows far beyond this is an attack on memory. */
const LARGEST_GROWTH = 50;
/** Small archives may grow more: blank images. */
const ALWAYS_READ = 64 * 2 ** 20;

/**
 * The files of a zip archive, by name, as its central directory lists them (APPNOTE 6.3.10): stored or deflated, below 4 GiB.
 *
 * @param path only for the messages
 * @throws DataError where it is no such archive
 */
export function readZip(archive: Uint8Array, path: string): Map<string, ZipEntry> {
  const fail = (problem: string): never => {
    throw new DataError(`${path}: ${problem}; get the file anew`);
  };
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = endRecord(view) ?? fail('no zip archive, or one that is cut short');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries = new Map<string, ZipEntry>();
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_LENGTH > archive.length || view.getUint32(at, true) !== CENTRAL_SIGNATURE) {
      fail(`entry ${i} of ${count} is missing from the archive's directory`);
    }
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = view.getUint32(at + 42, true);
    const checksum = view.getUint32(at + 16, true);
    const nameEnd = at + CENTRAL_LENGTH + (nameLength ?? 0);
    const name = new TextDecoder().decode(archive.subarray(at + CENTRAL_LENGTH, nameEnd));
    at = nameEnd + (extra ?? 0) + (comment ?? 0);
    if (local + LOCAL_LENGTH > archive.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) {
      fail(`${name} is not where the archive's directory says`);
    }
    const localName = local + LOCAL_LENGTH;
    const localNameEnd = localName + view.getUint16(local + 26, true);
    if (new TextDecoder().decode(archive.subarray(localName, localNameEnd)) !== name) {
      fail(`${name} has another name beside its content than in the archive's directory`);
    }
    const begin = localNameEnd + view.getUint16(local + 28, true);
    const read = (): Uint8Array => {
      if ((flags & 1) !== 0) fail(`${name} is encrypted`);
      const bytes = archive.subarray(begin, begin + packed);
      if (bytes.length < packed) fail(`${name} is cut short`);
      if (method !== 0 && method !== 8) {
        fail(`${name} is compressed by method ${method}; expected 0 (stored) or 8 (deflate)`);
      }
      if (size > Math.max(ALWAYS_READ, LARGEST_GROWTH * packed)) fail(`the ${packed} bytes of ${name} hold ${size}`);
      const content = method === 0 ? bytes : inflated(bytes, size, (problem) => fail(`${name} ${problem}`));
      if (crc32(content) !== checksum) fail(`${name} is damaged (its checksum is another)`);
      return content;
    };
    entries.set(name, { size, read });
  }
  if (at !== end) fail(`the archive's directory is longer than its ${count} entries`);
  return entries;
}

function inflated(bytes: Uint8Array, size: number, fail: (problem: string) => never): Uint8Array {
  let content: Uint8Array;
  try {
    // One byte more than promised, so that too much shows.
    content = inflateRawSync(bytes, { maxOutputLength: size + 1 });
  } catch (error) {
    return fail(`is damaged (${(error as Error).message})`);
  }
  return content.length === size ? content : fail(`has ${content.length} bytes instead of ${size}`);
}

/** Where the record at the archive's end begins; before a comment of any length. */
function endRecord(view: DataView): number | undefined {
  const last = view.byteLength - END_LENGTH;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  return undefined;
}
