import { CheckpointError } from '../utils/errors.js';
import type { NamedTensor } from '../utils/named-tensor.js';
import { sha256Hex } from '#platform/sha256.js';
import { encodeSafetensors, type FloatType } from './safetensors.js';
import { HEADER_LENGTH_BYTES } from './safetensors-layout.js';

/** What stands in the digest's place while it is computed. */
export const NO_DIGEST = '0'.repeat(64);

/**
 * Like `encodeSafetensors`, with a checksum: the metadata's `sha256` is the SHA-256 of the whole file, in hexadecimal, as it
 * is with 64 zeros in the digest's place. One flipped bit anywhere, in tensors or metadata, is noticed by `checkDigest`.
 *
 * @throws ConfigError as `encodeSafetensors`
 */
export function encodeWithDigest(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>>,
  dtype: FloatType = 'F32',
): Uint8Array {
  return sealed(encodeSafetensors(tensors, { ...metadata, sha256: NO_DIGEST }, dtype));
}

/** Puts the digest into a file whose metadata have `NO_DIGEST` as their `sha256`. @returns the same file */
export function sealed(file: Uint8Array): Uint8Array {
  file.set(new TextEncoder().encode(sha256Hex(file)), digestOffset(file, NO_DIGEST));
  return file;
}

/**
 * Compares a file with the checksum in its metadata.
 *
 * @param digest the metadata's `sha256`
 * @param path only for the message
 * @throws CheckpointError where they disagree, or the checksum is no SHA-256
 */
export function checkDigest(file: Uint8Array, digest: string, path: string): void {
  if (isIntact(file, digest)) return;
  throw new CheckpointError(
    `${path}: the checksum does not match: the file was damaged after it was written. Restore it or train again.`,
  );
}

/** Whether a file is as it was sealed. @param digest the metadata's `sha256` */
export function isIntact(file: Uint8Array, digest: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(digest)) return false;
  const offset = digestOffset(file, digest);
  const [before, after] = [file.subarray(0, offset), file.subarray(offset + digest.length)];
  return sha256Hex(before, new TextEncoder().encode(NO_DIGEST), after) === digest;
}

/** Where the digest's hexadecimal text begins: the metadata come first in the header, so the first hit is the field. */
function digestOffset(file: Uint8Array, digest: string): number {
  const field = `"sha256":"${digest}"`;
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = file.subarray(HEADER_LENGTH_BYTES, HEADER_LENGTH_BYTES + headerBytes);
  // One character per byte, so that an index into the text is one into the bytes.
  const text = new TextDecoder('latin1').decode(header);
  return HEADER_LENGTH_BYTES + text.indexOf(field) + field.length - 1 - digest.length;
}
