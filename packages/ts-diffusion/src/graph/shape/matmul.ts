import { sameShape, type Shape } from '../../utils/shape.js';
import { describe, ShapeError } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

function matrixShape(shape: Shape, transposed: boolean): readonly (number | undefined)[] {
  return transposed ? [shape.at(-1), shape.at(-2)] : [shape.at(-2), shape.at(-1)];
}

export const matmulShapes: ShapeRules<'matmul'> = {
  matmul: ([a, b], { transposeA, transposeB }) => {
    const [rows, innerA] = matrixShape(a.shape, transposeA);
    const [innerB, columns] = matrixShape(b.shape, transposeB);
    const stack = a.shape.slice(0, -2);
    const matrices = [2, 3].includes(a.shape.length) && !a.image && !b.image;
    if (
      !matrices ||
      rows === undefined ||
      columns === undefined ||
      innerA !== innerB ||
      !sameShape(stack, b.shape.slice(0, -2))
    ) {
      const mark = (transposed: boolean): string => (transposed ? 'ᵀ' : '');
      throw new ShapeError(
        `matmul: ${describe(a)}${mark(transposeA)} and ${describe(b)}${mark(transposeB)} do not multiply`,
      );
    }
    return { shape: [...stack, rows, columns], dtype: 'float32', image: false };
  },
};
