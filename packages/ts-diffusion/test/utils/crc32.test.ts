import { expect, test } from 'vitest';
import { crc32 } from '../../src/utils/crc32.js';

test.each([
  ['', 0],
  ['123456789', 0xcbf43926], // the check value of CRC-32/ISO-HDLC in the catalogue of CRC algorithms (reveng)
])('the checksum of "%s"', (text, expected) => {
  expect(crc32(new TextEncoder().encode(text))).toBe(expected);
});
