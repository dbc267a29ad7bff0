import { describe, imageShape, ShapeError, type TensorType } from './tensor-type.js';

/** The extents of a convolution with stride 1 of images [N, ci, H, W] with a filter [co, K, K, ci]. */
export interface Geometry {
  readonly n: number;
  readonly ci: number;
  readonly co: number;
  readonly h: number;
  readonly w: number;
  readonly outH: number;
  readonly outW: number;
  readonly kernel: number;
  readonly padding: number;
}

export function geometry(x: TensorType, co: number, kernel: number, padding: number): Geometry {
  const [n, ci, h, w] = imageShape('conv2d', x);
  return { n, ci, co, h, w, outH: h + 2 * padding - kernel + 1, outW: w + 2 * padding - kernel + 1, kernel, padding };
}

/** The extents of a filter [O, K, K, I]. @throws ShapeError if it has another shape */
export function filterShape(operation: string, filter: TensorType): readonly [o: number, kernel: number, i: number] {
  const [o, kh, kw, i] = filter.shape;
  if (filter.image || o === undefined || kh === undefined || kh !== kw || i === undefined) {
    throw new ShapeError(`${operation}: expected a square filter [O,K,K,I], got ${describe(filter)}`);
  }
  return [o, kh, i];
}
