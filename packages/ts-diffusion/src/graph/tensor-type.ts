import type { Shape } from '../utils/shape.js';

export type DType = 'float32' | 'bool' | 'int64';

/** What is known of a tensor before it is computed: its shape, element type, and whether it is an image batch. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
  /**
   * True for a batch of images or feature maps with logical axes [N, C, H, W]: the lowering chooses in which order they
   * lie in memory. Everything else is a plain row-major array.
   */
  readonly image: boolean;
}

/** Shapes or element types that do not fit together, found while the graph is built. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** `image [2,3,28,28]`, for error messages. */
export function describe(type: TensorType): string {
  const kind = type.image ? 'image ' : '';
  return `${kind}${type.dtype === 'float32' ? '' : type.dtype}[${type.shape.join(',')}]`;
}

/** The four logical dimensions of an image tensor. @throws ShapeError if it is none */
export function imageShape(operation: string, type: TensorType): readonly [number, number, number, number] {
  const [n, c, h, w] = type.shape;
  if (!type.image || n === undefined || c === undefined || h === undefined || w === undefined) {
    throw new ShapeError(`${operation}: expected an image [N,C,H,W], got ${describe(type)}`);
  }
  return [n, c, h, w];
}

/** The type itself. @throws ShapeError if its elements are not float32 */
export function requireFloat(operation: string, { shape, dtype, image }: TensorType): TensorType {
  if (dtype !== 'float32')
    throw new ShapeError(`${operation}: expected float32, got ${describe({ shape, dtype, image })}`);
  return { shape, dtype, image };
}
