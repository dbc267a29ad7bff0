/** The number that an IEEE 754 binary16 stands for: 1 sign bit, 5 bits of exponent (bias 15), 10 of fraction. */
export function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Numbers of this size and beyond round to infinity: halfway from the largest, 65504, to 65536. */
export const FLOAT16_OVERFLOW = 65520;

/** The binary16 nearest to a float32, ties to even; too large ones become infinite. */
export function encodeFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= FLOAT16_OVERFLOW) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // A fraction that rounds up to 2048 carries into the exponent.
  return sign | (((exponent + 14) << 10) + roundToEven(size * 2 ** (10 - exponent)));
}

/** A float64 has no bits for fractions above 2^52. */
const roundToEven = (value: number): number => value + 2 ** 52 - 2 ** 52;
