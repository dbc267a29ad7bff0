/**
 * Just enough of the WebAssembly binary format (core specification 2.0, chapter 5) to write a module of one function over one
 * memory. Code is a list of bytes; an instruction takes its operands from the stack.
 */
export type Code = readonly number[];

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

/** log2 of the alignment, then the offset from the address on the stack. */
const memoryOperand = (alignment: number, offset: number): number[] => [alignment, ...unsigned(offset)];

export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32Add: [0x6a] as Code,
  i32Sub: [0x6b] as Code,
  i32Mul: [0x6c] as Code,
  v128Load: (offset: number): Code => [...simd(0x00), ...memoryOperand(4, offset)],
  v128Store: (offset: number): Code => [...simd(0x0b), ...memoryOperand(4, offset)],
  /** Loads one float64 into both lanes. */
  v128Load64Splat: (offset: number): Code => [...simd(0x0a), ...memoryOperand(3, offset)],
  f64x2Add: simd(0xf0) as Code,
  f64x2Mul: simd(0xf2) as Code,
} as const;

/** Runs `body` as often as local `counter` says, which must be at least once, and leaves it 0. */
export function countdown(counter: number, body: Code): Code {
  const next = [...wasm.get(counter), ...wasm.i32Const(1), ...wasm.i32Sub, 0x22, ...unsigned(counter)];
  return [0x03, 0x40, ...body, ...next, 0x0d, 0x00, 0x0b]; // loop … local.tee, br_if 0, end
}

export interface WasmFunction {
  /** All int32; they are the first locals. */
  readonly parameters: number;
  /** Further locals: first those of type int32, then those of type v128. */
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

/** A module that exports `memory`, of `pages` times 64 KiB, and the function as `run`. */
export function encodeModule(
  { parameters, integers, vectors, body }: WasmFunction,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const I32 = 0x7f;
  const V128 = 0x7b;
  const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
  const name = (text: string): number[] => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
  const code = [2, ...unsigned(integers), I32, ...unsigned(vectors), V128, ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...Array.from({ length: parameters }, () => I32), 0]), // types
    ...section(3, [1, 0]), // functions
    ...section(5, [1, 0, ...unsigned(pages)]), // memories
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]), // exports
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}
