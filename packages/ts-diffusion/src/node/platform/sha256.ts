import { createHash } from 'node:crypto';
import { bytes, listOf, signature } from '../../utils/arguments.js';

const sha256HexArguments = signature('sha256Hex', { parts: listOf(bytes, 'Uint8Arrays') });

/** SHA-256 of the concatenated parts, in hexadecimal. */
export function sha256Hex(...parts: readonly Uint8Array[]): string {
  sha256HexArguments({ parts });
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
