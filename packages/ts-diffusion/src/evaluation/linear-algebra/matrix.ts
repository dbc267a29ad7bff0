/** A matrix as a view of an array: element (i, j) is data[offset + i · rowStride + j · columnStride]. */
export interface Matrix<Data extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly data: Data;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** The row-major matrix that fills `data`, or a new one of zeros. */
export function matrix(rows: number, columns: number): Matrix<Float64Array<ArrayBuffer>>;
export function matrix<Data extends Float32Array | Float64Array>(
  rows: number,
  columns: number,
  data: Data,
): Matrix<Data>;
export function matrix(
  rows: number,
  columns: number,
  data: Float32Array | Float64Array = new Float64Array(rows * columns),
): Matrix {
  return { data, offset: 0, rows, columns, rowStride: columns, columnStride: 1 };
}

export function transposed<Data extends Float32Array | Float64Array>(m: Matrix<Data>): Matrix<Data> {
  return { ...m, rows: m.columns, columns: m.rows, rowStride: m.columnStride, columnStride: m.rowStride };
}

/** The view of rows rowStart .. rowEnd - 1 and columns columnStart .. columnEnd - 1. */
export function submatrix<Data extends Float32Array | Float64Array>(
  m: Matrix<Data>,
  [rowStart, rowEnd]: readonly [number, number],
  [columnStart, columnEnd]: readonly [number, number],
): Matrix<Data> {
  return {
    ...m,
    offset: m.offset + rowStart * m.rowStride + columnStart * m.columnStride,
    rows: rowEnd - rowStart,
    columns: columnEnd - columnStart,
  };
}
