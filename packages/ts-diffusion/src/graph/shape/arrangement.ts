import { sameShape, sizeOf, type Shape } from '../../utils/shape.js';
import type { ArrangementOperation } from '../operations.js';
import { describe, imageShape, ShapeError, type TensorType } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

export const arrangementShapes: ShapeRules<ArrangementOperation> = {
  reshape: ([x], { shape }) => {
    if (x.image || sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError(`reshape: ${describe(x)} cannot become [${shape.join(',')}]`);
    }
    return { shape, dtype: x.dtype, image: false };
  },
  transpose: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (x.image || permutation.length !== x.shape.length || sorted.some((axis, position) => axis !== position)) {
      throw new ShapeError(`transpose: [${permutation.join(',')}] does not permute the axes of ${describe(x)}`);
    }
    return { shape: permutation.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype, image: false };
  },
  toImage: ([x]) => {
    if (x.image || x.shape.length !== 4) {
      throw new ShapeError(`toImage: expected an array [N,C,H,W], got ${describe(x)}`);
    }
    return { shape: x.shape, dtype: x.dtype, image: true };
  },
  toArray: ([x]) => ({ shape: imageShape('toArray', x), dtype: x.dtype, image: false }),
  slice: ([x], { axis, start, end }) => {
    const size = x.shape[axis];
    if (size === undefined || start < 0 || end > size || start >= end) {
      throw new ShapeError(`slice: ${start}..${end} on axis ${axis} lies outside ${describe(x)}`);
    }
    return { shape: x.shape.with(axis, end - start), dtype: x.dtype, image: x.image };
  },
  pad: ([x], { axis, before, after }) => {
    const size = x.shape[axis];
    if (size === undefined || before < 0 || after < 0) {
      throw new ShapeError(`pad: ${before} before and ${after} after on axis ${axis} do not fit ${describe(x)}`);
    }
    return { shape: x.shape.with(axis, before + size + after), dtype: x.dtype, image: x.image };
  },
  concat: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    if (first?.shape[axis] === undefined) {
      throw new ShapeError(`concat: no axis ${axis} in ${inputs.map(describe).join(', ')}`);
    }
    const others = ({ shape }: TensorType): Shape => shape.map((dimension, i) => (i === axis ? 0 : dimension));
    for (const x of rest) {
      if (x.dtype !== first.dtype || x.image !== first.image || !sameShape(others(x), others(first))) {
        throw new ShapeError(`concat on axis ${axis}: ${describe(first)} and ${describe(x)} differ elsewhere`);
      }
    }
    const total = inputs.reduce((sum, x) => sum + (x.shape[axis] ?? 0), 0);
    return { shape: first.shape.with(axis, total), dtype: first.dtype, image: first.image };
  },
};
