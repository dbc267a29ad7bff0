import { sizeOf, type Shape } from '../utils/shape.js';

/** The array of the given shape with its axes permuted as NumPy's `transpose`, row-major. */
export function transposeData(data: Float32Array, shape: Shape, permutation: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const outShape = permutation.map((axis) => shape[axis] ?? 1);
  const outStrides = permutation.map((axis) => strides[axis] ?? 1);
  const result = new Float32Array(data.length);
  const index = outShape.map(() => 0);
  let source = 0;
  for (let position = 0; position < result.length; position++) {
    result[position] = data[source] ?? 0;
    for (let axis = outShape.length - 1; axis >= 0; axis--) {
      const stride = outStrides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      source += stride;
      if (next < (outShape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      source -= stride * next;
      index[axis] = 0;
    }
  }
  return result;
}
