import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createDeflate, createGzip } from 'node:zlib';

/** So many megabytes of zeros, compressed without ever being in memory as a whole. */
export async function compressedZeros(megabytes: number, format: 'zlib' | 'gzip' = 'zlib'): Promise<Uint8Array> {
  const zeros = Buffer.alloc(1_000_000);
  const source = Readable.from(Array.from({ length: megabytes }, () => zeros));
  return buffer(source.pipe(format === 'gzip' ? createGzip({ level: 1 }) : createDeflate({ level: 1 })));
}
