import { expect, test } from 'vitest';
import { decodeFloat16, encodeFloat16 } from '../../src/utils/float16.js';

// numpy 2.4.6: np.array(values, dtype=np.float32).astype(np.float16).view(np.uint16)
const golden: [value: number, bits: number][] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [65504, 0x7bff], // the largest
  [65519.98828125, 0x7bff],
  [65520, 0x7c00],
  [-1e6, 0xfc00],
  [2 ** -14, 0x0400], // the smallest that is normal
  [6.097555160522461e-5, 0x03ff],
  [2 ** -14 - 2 ** -25, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000], // a tie, to even
  [2.980232594040899e-8, 0x0001],
  [1.00048828125, 0x3c00], // ties
  [1.00146484375, 0x3c02],
  [1.99951171875, 0x4000], // rounds up into the next exponent
  [0.333251953125, 0x3555],
  [3.1415927410125732, 0x4248],
  [Infinity, 0x7c00],
  [1e-10, 0x0000],
  [-0.000123, 0x8808],
];

test.each(golden)('%d is 0x%s as float16', (value, bits) => {
  expect(encodeFloat16(value)).toBe(bits);
});

test('every float16 but NaN survives', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = decodeFloat16(bits);
    if (!Number.isNaN(value)) expect(encodeFloat16(value)).toBe(bits);
  }
  expect(decodeFloat16(encodeFloat16(NaN))).toBeNaN();
});
