import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { bytes, listOf, signature } from '../../utils/arguments.js';

const sha256HexArguments = signature('sha256Hex', { parts: listOf(bytes, 'Uint8Arrays') });

/** SHA-256 of the concatenated parts, in hexadecimal: browsers themselves compute digests only asynchronously. */
export function sha256Hex(...parts: readonly Uint8Array[]): string {
  sha256HexArguments({ parts });
  const hash = sha256.create();
  for (const part of parts) hash.update(part);
  return bytesToHex(hash.digest());
}
