import type { Attributes, Primitive } from '../tensor.js';
import { apply, describe, ShapeError, type Tensor } from '../tensor.js';

interface MatmulAttributes extends Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** op(a) · op(b) of two matrices, where op is the identity or the transpose. */
export const matmulPrimitive: Primitive<MatmulAttributes> = {
  name: 'matmul',
  infer: ([a, b], { transposeA, transposeB }) => {
    const [left, right] = [a as Tensor, b as Tensor];
    const [rows, innerA] = transposeA ? [left.shape[1], left.shape[0]] : left.shape;
    const [innerB, columns] = transposeB ? [right.shape[1], right.shape[0]] : right.shape;
    const matrices = left.shape.length === 2 && right.shape.length === 2 && !left.image && !right.image;
    if (!matrices || rows === undefined || columns === undefined || innerA !== innerB) {
      const mark = (transposed: boolean): string => (transposed ? 'ᵀ' : '');
      throw new ShapeError(
        `matmul: ${describe(left)}${mark(transposeA)} and ${describe(right)}${mark(transposeB)} do not multiply`,
      );
    }
    return { shape: [rows, columns], dtype: 'float32', image: false };
  },
  emit: (emission, node) => {
    const { transposeA, transposeB } = node.attributes;
    const operands = [emission.view(node.input(0)), emission.view(node.input(1))];
    return {
      name: emission.node('Gemm', operands, { transA: Number(transposeA), transB: Number(transposeB) }),
      shape: node.shape,
    };
  },
  gradient: (node, dy) => {
    const { transposeA, transposeB } = node.attributes;
    const [a, b] = [node.input(0), node.input(1)];
    return [
      transposeA
        ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
        : matmul(dy, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dy, { transposeA: !transposeA }),
    ];
  },
};

/** The matrix product of a [m, k] and b [k, n], each optionally given as its transpose. */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  return apply(matmulPrimitive, [a, b], { transposeA, transposeB });
}
