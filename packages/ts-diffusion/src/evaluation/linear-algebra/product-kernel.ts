import { countdown, encodeModule, wasm, type Code } from './wasm-module.js';

/**
 * The innermost loop of every product of matrices here, in WebAssembly with 128-bit SIMD: five times as fast as the same loop
 * in JavaScript (docs/results/evaluation.md), and the same in Node and in browsers.
 */

/** The kernel keeps TILE x TILE sums in registers: 8 vectors of two, enough to hide the latency of an addition. */
export const TILE = 4;
const LANES = 2;
const FLOAT_BYTES = 8;
const TILE_ROW_BYTES = TILE * FLOAT_BYTES;
const PAGE_BYTES = 65536;

/** The largest block: a and b fill a second-level cache of 1 MiB. */
export const BLOCK_ROWS = 256;
export const BLOCK_COLUMNS = 256;
export const BLOCK_DEPTH = 256;

export interface ProductKernel {
  /**
   * A block of the left factor, BLOCK_ROWS x depth: element (i, k) at (⌊i / TILE⌋ · depth + k) · TILE + i mod TILE, so that
   * the kernel reads it from the first to the last.
   */
  readonly a: Float64Array;
  /** A block of the right factor, depth x BLOCK_COLUMNS: element (k, j) where `a` has (j, k). */
  readonly b: Float64Array;
  /** The product, row-major with BLOCK_COLUMNS values per row. */
  readonly c: Float64Array;
  /** c += a · b, over whole tiles; none of the three counts may be 0. */
  multiply(rowTiles: number, columnTiles: number, depth: number): void;
}

function kernelModule(pages: number): Uint8Array<ArrayBuffer> {
  const vectors = TILE / LANES;
  const [a, b, c, rowTiles, columnTiles, depth] = [0, 1, 2, 3, 4, 5];
  const [aAt, bAt, cAt, columns, k] = [6, 7, 8, 9, 10];
  const firstVector = 11;
  const sum = (i: number, j: number): number => firstVector + i * vectors + j;
  const bVector = (j: number): number => sum(TILE, j);
  const aValue = sum(TILE + 1, 0);

  const rows = Array.from({ length: TILE }, (_, i) => i);
  const pairs = Array.from({ length: vectors }, (_, j) => j);
  const copy = (from: number, to: number): Code => [...wasm.get(from), ...wasm.set(to)];
  const advance = (pointer: number, bytes: number): Code => [
    ...wasm.get(pointer),
    ...wasm.i32Const(bytes),
    ...wasm.i32Add,
    ...wasm.set(pointer),
  ];
  const cBytes = (i: number, j: number): number => (i * BLOCK_COLUMNS + j * LANES) * FLOAT_BYTES;

  const loadSums = rows.flatMap((i) =>
    pairs.flatMap((j) => [...wasm.get(cAt), ...wasm.v128Load(cBytes(i, j)), ...wasm.set(sum(i, j))]),
  );
  const storeSums = rows.flatMap((i) =>
    pairs.flatMap((j) => [...wasm.get(cAt), ...wasm.get(sum(i, j)), ...wasm.v128Store(cBytes(i, j))]),
  );
  const loadB = pairs.flatMap((j) => [
    ...wasm.get(bAt),
    ...wasm.v128Load(j * LANES * FLOAT_BYTES),
    ...wasm.set(bVector(j)),
  ]);
  const addOuterProduct = rows.flatMap((i) => [
    ...wasm.get(aAt),
    ...wasm.v128Load64Splat(i * FLOAT_BYTES),
    ...wasm.set(aValue),
    ...pairs.flatMap((j) => [
      ...[...wasm.get(aValue), ...wasm.get(bVector(j)), ...wasm.f64x2Mul],
      ...[...wasm.get(sum(i, j)), ...wasm.f64x2Add, ...wasm.set(sum(i, j))],
    ]),
  ]);
  const eachDepth = [...loadB, ...addOuterProduct, ...advance(aAt, TILE_ROW_BYTES), ...advance(bAt, TILE_ROW_BYTES)];
  const eachTile = [
    ...[...copy(a, aAt), ...copy(depth, k), ...loadSums],
    ...countdown(k, eachDepth),
    ...[...storeSums, ...advance(cAt, TILE_ROW_BYTES)],
  ];
  // After a row of tiles aAt stands behind the tiles of a just used, where the next ones begin.
  const eachTileRow = [
    ...[...copy(b, bAt), ...copy(c, cAt), ...copy(columnTiles, columns)],
    ...countdown(columns, eachTile),
    ...[...copy(aAt, a), ...advance(c, TILE * BLOCK_COLUMNS * FLOAT_BYTES)],
  ];
  return encodeModule(
    { parameters: 6, integers: 5, vectors: aValue - firstVector + 1, body: countdown(rowTiles, eachTileRow) },
    pages,
  );
}

let kernel: ProductKernel | undefined;

/** The one kernel of this thread: its blocks are overwritten by the next product. */
export function productKernel(): ProductKernel {
  return (kernel ??= createKernel());
}

function createKernel(): ProductKernel {
  const [aLength, bLength] = [BLOCK_ROWS * BLOCK_DEPTH, BLOCK_COLUMNS * BLOCK_DEPTH];
  const cLength = BLOCK_ROWS * BLOCK_COLUMNS;
  const pages = Math.ceil(((aLength + bLength + cLength) * FLOAT_BYTES) / PAGE_BYTES);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernelModule(pages)));
  const { buffer } = exports['memory'] as WebAssembly.Memory;
  const run = exports['run'] as (...parameters: number[]) => void;
  const a = new Float64Array(buffer, 0, aLength);
  const b = new Float64Array(buffer, a.byteLength, bLength);
  const c = new Float64Array(buffer, a.byteLength + b.byteLength, cLength);
  return {
    ...{ a, b, c },
    multiply: (rowTiles, columnTiles, depth) => {
      run(a.byteOffset, b.byteOffset, c.byteOffset, rowTiles, columnTiles, depth);
    },
  };
}
