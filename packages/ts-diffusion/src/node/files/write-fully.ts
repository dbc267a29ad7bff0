import { writeSync } from 'node:fs';

/**
 * Writes all bytes at the end of an open file. The operating system may take fewer at a time, where the disk is nearly full, say: it is asked
 * for the rest.
 *
 * @throws Error of the operating system, see `writeError`
 */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done);
}
