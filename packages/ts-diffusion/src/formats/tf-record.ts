import { crc32c } from '../utils/crc32c.js';

/** A checksum of data that may contain checksums, as TensorFlow masks it. */
function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * A record of a TFRecord file, little-endian: length (uint64), its masked CRC-32C, the data, their masked CRC-32C.
 * Source: TensorFlow, `tensorflow/core/lib/io/record_writer.h`.
 */
export function encodeTfRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return record;
}
