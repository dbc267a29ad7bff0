import { submatrix, transposed, type Matrix } from './matrix.js';
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS, productKernel, TILE } from './product-kernel.js';

/** A block of a product, before it is overwritten by the next. */
export interface ProductBlock {
  /** Where the block lies in the product. */
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  /** Row-major from index 0, `stride` values per row. */
  readonly values: Float64Array;
  readonly stride: number;
}

export interface ProductOptions {
  /** Skips the blocks that lie wholly above the diagonal: for a product known to be symmetric. Default false. */
  readonly lower?: boolean;
}

/**
 * Computes a · b block by block in float64 (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", 2008)
 * and shows each block to `visit`, so that a product too large to keep can be used as it comes.
 *
 * @param a [M, K]
 * @param b [K, N]
 * @throws RangeError where the inner sizes differ
 */
export function forEachProductBlock(
  a: Matrix,
  b: Matrix,
  visit: (block: ProductBlock) => void,
  { lower = false }: ProductOptions = {},
): void {
  if (a.columns !== b.rows) {
    throw new RangeError(
      `A product needs as many columns on the left as rows on the right, got ${a.columns} and ${b.rows}`,
    );
  }
  const kernel = productKernel();
  for (let rowStart = 0; rowStart < a.rows; rowStart += BLOCK_ROWS) {
    const rowEnd = Math.min(rowStart + BLOCK_ROWS, a.rows);
    for (let columnStart = 0; columnStart < b.columns; columnStart += BLOCK_COLUMNS) {
      if (lower && columnStart >= rowEnd) break;
      const columnEnd = Math.min(columnStart + BLOCK_COLUMNS, b.columns);
      kernel.c.fill(0);
      for (let k = 0; k < a.columns; k += BLOCK_DEPTH) {
        const depth = Math.min(BLOCK_DEPTH, a.columns - k);
        const range = [k, k + depth] as const;
        const rowTiles = pack(submatrix(a, [rowStart, rowEnd], range), kernel.a);
        const columnTiles = pack(transposed(submatrix(b, range, [columnStart, columnEnd])), kernel.b);
        kernel.multiply(rowTiles, columnTiles, depth);
      }
      visit({ rowStart, rowEnd, columnStart, columnEnd, values: kernel.c, stride: BLOCK_COLUMNS });
    }
  }
}

/** Writes a block [rows, depth] in the kernel's order, filled up with rows of zeros to whole tiles; returns how many those are. */
function pack({ data, offset, rows, columns, rowStride, columnStride }: Matrix, target: Float64Array): number {
  const tiles = Math.ceil(rows / TILE);
  let at = 0;
  for (let tile = 0; tile < tiles; tile++) {
    let row0 = offset + tile * TILE * rowStride;
    if ((tile + 1) * TILE <= rows) {
      // The rows of a tile one by one: a loop over them is a fifth slower.
      let row1 = row0 + rowStride;
      let row2 = row1 + rowStride;
      let row3 = row2 + rowStride;
      for (let k = 0; k < columns; k++) {
        target[at] = data[row0] as number;
        target[at + 1] = data[row1] as number;
        target[at + 2] = data[row2] as number;
        target[at + 3] = data[row3] as number;
        at += TILE;
        row0 += columnStride;
        row1 += columnStride;
        row2 += columnStride;
        row3 += columnStride;
      }
    } else {
      for (let k = 0; k < columns; k++, row0 += columnStride) {
        for (let i = 0; i < TILE; i++)
          target[at++] = tile * TILE + i < rows ? (data[row0 + i * rowStride] as number) : 0;
      }
    }
  }
  return tiles;
}

/**
 * out += scale · a · b.
 * @param out [M, N]; with `lower`, values above the diagonal are left undefined
 */
export function addProduct(
  out: Matrix<Float64Array>,
  a: Matrix,
  b: Matrix,
  scale = 1,
  options: ProductOptions = {},
): void {
  const { data, offset, rowStride, columnStride } = out;
  forEachProductBlock(
    a,
    b,
    ({ rowStart, rowEnd, columnStart, columnEnd, values, stride }) => {
      for (let i = rowStart; i < rowEnd; i++) {
        let from = (i - rowStart) * stride;
        let to = offset + i * rowStride + columnStart * columnStride;
        for (let j = columnStart; j < columnEnd; j++, from++, to += columnStride) {
          data[to] = (data[to] as number) + scale * (values[from] as number);
        }
      }
    },
    options,
  );
}
