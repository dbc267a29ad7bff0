import { HEADER_LENGTH_BYTES } from './safetensors-layout.js';

/** Kinds of files that are taken for weights, each with how its first bytes look. */
const kinds: readonly (readonly [kind: string, looksSo: (head: Uint8Array) => boolean])[] = [
  // ir_version, a varint, then another field of `ModelProto`.
  ['an ONNX model', ([a = 0, b = 0, c = 0]) => a === 0x08 && b > 0 && b < 0x20 && (c & 7) === 2 && c >> 3 >= 2],
  ['a PNG picture', begins(0x89, 0x50, 0x4e, 0x47)],
  ['a JPEG picture', begins(0xff, 0xd8, 0xff)],
  ['a GIF picture', begins(...ascii('GIF8'))],
  ['a WebP picture', begins(...ascii('RIFF'))],
  ['an archive, as PyTorch and NumPy write them', begins(...ascii('PK'))],
  ['a Python pickle, as older versions of PyTorch write them', ([a, b = 0]) => a === 0x80 && b >= 2 && b <= 5],
  ['a NumPy array', begins(0x93, ...ascii('NUMPY'))],
  ['an HDF5 file, as Keras writes them', begins(0x89, ...ascii('HDF'))],
  ['a GGUF file', begins(...ascii('GGUF'))],
  ['a compressed file', begins(0x1f, 0x8b)],
  ['an IDX file of images or labels', ([a, b, c, d = 0]) => a === 0 && b === 0 && c === 0x08 && d > 0 && d < 5],
  ['a web page', (head) => /^\s*<(?:!doctype|html)/i.test(text(head))],
  ['a JSON file', (head) => /^\s*[{[]\s*["\]}{[\d]/.test(text(head))],
];

const HEAD_BYTES = 64;

/**
 * What a file is that cannot be safetensors, in words: `an ONNX model`. Undefined for safetensors, whole or damaged, and for what
 * is not recognised.
 */
export function foreignKind(file: Uint8Array): string | undefined {
  if (file[HEADER_LENGTH_BYTES] === '{'.charCodeAt(0) && file[HEADER_LENGTH_BYTES - 1] === 0) return undefined;
  const head = file.subarray(0, HEAD_BYTES);
  return kinds.find(([, looksSo]) => looksSo(head))?.[0];
}

function begins(...signature: readonly number[]): (head: Uint8Array) => boolean {
  return (head) => signature.every((byte, i) => head[i] === byte);
}

function ascii(characters: string): number[] {
  return Array.from(characters, (character) => character.charCodeAt(0));
}

/** One character per byte, after a byte-order mark. */
function text(head: Uint8Array): string {
  return new TextDecoder('latin1').decode(head).replace(/^ï»¿/, '');
}
