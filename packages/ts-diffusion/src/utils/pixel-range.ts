import { bytes, floats, signature } from './arguments.js';

const modelRange = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

const toModelRangeArguments = signature('toModelRange', { bytes, out: floats.optional() });

/** Pixels from bytes 0..255 to model range [-1, 1]: x / 127.5 - 1; in `out`, as long as `bytes`, or in a new array. */
export function toModelRange(bytes: Uint8Array, out?: Float32Array): Float32Array {
  toModelRangeArguments({ bytes, out });
  const pixels = out ?? new Float32Array(bytes.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = modelRange[bytes[i] as number] as number;
  return pixels;
}

const toBytesArguments = signature('toBytes', { modelRange: floats });

/** Pixels from model range [-1, 1] to bytes 0..255: clamped, rounded to nearest; the inverse of `toModelRange`. NaN gives 0. */
export function toBytes(modelRange: Float32Array): Uint8Array {
  toBytesArguments({ modelRange });
  const bytes = new Uint8Array(modelRange.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Math.round(Math.min(255, Math.max(0, ((modelRange[i] as number) + 1) * 127.5)));
  }
  return bytes;
}
