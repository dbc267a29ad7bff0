import { crc32 } from '../utils/crc32.js';

/** What every PNG begins with. */
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Bytes of a chunk besides its data: length, type, checksum. */
const CHUNK_FRAME = 12;
/** Bytes of data of the first chunk, IHDR. */
const HEADER_LENGTH = 13;

/** Channels by PNG's colour types: gray, RGB, palette, gray and alpha, RGB and alpha. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/** Whether a PNG file is whole: each chunk, from the header to the end, has the checksum that it says (PNG specification, section 5.3). */
export function isWholePng(file: Uint8Array): boolean {
  if (!beginsWith(file, SIGNATURE)) return false;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = SIGNATURE.length;
  for (let isFirst = true; at + CHUNK_FRAME <= file.length; isFirst = false) {
    const end = at + CHUNK_FRAME + view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (end > file.length || (isFirst && (type !== 'IHDR' || end - at !== CHUNK_FRAME + HEADER_LENGTH))) return false;
    if (crc32(file.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) return false;
    if (type === 'IEND') return end === file.length;
    at = end;
  }
  return false;
}

const beginsWith = (file: Uint8Array, bytes: Uint8Array): boolean => bytes.every((byte, i) => file[i] === byte);

/** Size and channels, from the header of a whole PNG file. */
export function pngSize(file: Uint8Array): {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
} {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20), channels: channelsOf[view.getUint8(25)] ?? 3 };
}
