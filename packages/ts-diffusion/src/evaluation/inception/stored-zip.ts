import { unreadable } from './torch-tensor.js';

const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;

/**
 * The entries of a zip archive as torch.save writes it: stored, not compressed, without a comment, below 4 GiB. Each is a
 * view of the file. (fflate, which reads such archives too, copies each entry, and goes on for ever where the number of
 * entries is damaged.)
 * Source: PKWARE, APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
 *
 * @throws DataError for an archive that is damaged, truncated or compressed
 */
export function readStoredZip(file: Uint8Array, source: string): Map<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const damaged = (): never => {
    throw unreadable(source, 'the zip archive is damaged or truncated');
  };
  const requireSignature = (at: number, signature: number, bytes: number): void => {
    if (at < 0 || at + bytes > file.length || view.getUint32(at, true) !== signature) damaged();
  };
  const part = (start: number, length: number): Uint8Array =>
    start + length <= file.length ? file.subarray(start, start + length) : damaged();

  const end = file.length - END_OF_DIRECTORY_BYTES;
  requireSignature(end, END_OF_DIRECTORY, END_OF_DIRECTORY_BYTES);
  const count = view.getUint16(end + 10, true);
  const entries = new Map<string, Uint8Array>();
  let position = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    requireSignature(position, DIRECTORY_ENTRY, DIRECTORY_ENTRY_BYTES);
    const nameLength = view.getUint16(position + 28, true);
    const extraLength = view.getUint16(position + 30, true);
    const commentLength = view.getUint16(position + 32, true);
    const name = new TextDecoder().decode(part(position + DIRECTORY_ENTRY_BYTES, nameLength));
    if (view.getUint16(position + 10, true) !== STORED) {
      throw unreadable(source, `${name} is compressed, which torch.save never does`);
    }
    const local = view.getUint32(position + 42, true);
    requireSignature(local, LOCAL_HEADER, LOCAL_HEADER_BYTES);
    const start = local + LOCAL_HEADER_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    entries.set(name, part(start, view.getUint32(position + 24, true)));
    position += DIRECTORY_ENTRY_BYTES + nameLength + extraLength + commentLength;
  }
  return entries;
}
