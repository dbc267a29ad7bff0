import type { ManifestEntry } from 'ts-diffusion';

/** A model from the visitor's disk. */
export interface OwnModel {
  readonly entry: ManifestEntry;
  readonly bytes: Uint8Array;
}

/** What the address calls a model from a file: the same file has the same name again. */
export const ownId = (title: string, bytes: Uint8Array): string => `file-${checksum(bytes)}-${title}`;

/** The file that an address names; undefined where it names none. */
export const fileOf = (id: string): string | undefined => /^file-[0-9a-f]{8}-(.+)$/s.exec(id)?.[1];

/** FNV-1a, 32 bits. */
function checksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
