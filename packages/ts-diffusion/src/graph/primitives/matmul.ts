import type { Attributes, Primitive } from '../tensor.js';
import { apply, describe, sameShape, ShapeError, type Tensor } from '../tensor.js';

interface MatmulAttributes extends Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** op(a) · op(b) of two matrices, or of each pair in two stacks of matrices; op is the identity or the transpose. */
export const matmulPrimitive: Primitive<MatmulAttributes> = {
  name: 'matmul',
  infer: ([a, b], { transposeA, transposeB }) => {
    const [left, right] = [a as Tensor, b as Tensor];
    const [rows, innerA] = matrixShape(left, transposeA);
    const [innerB, columns] = matrixShape(right, transposeB);
    const stack = left.shape.slice(0, -2);
    const matrices = [2, 3].includes(left.shape.length) && !left.image && !right.image;
    if (
      !matrices ||
      rows === undefined ||
      columns === undefined ||
      innerA !== innerB ||
      !sameShape(stack, right.shape.slice(0, -2))
    ) {
      const mark = (transposed: boolean): string => (transposed ? 'ᵀ' : '');
      throw new ShapeError(
        `matmul: ${describe(left)}${mark(transposeA)} and ${describe(right)}${mark(transposeB)} do not multiply`,
      );
    }
    return { shape: [...stack, rows, columns], dtype: 'float32', image: false };
  },
  emit: (emission, node) => {
    const { transposeA, transposeB } = node.attributes;
    const [a, b] = [node.input(0), node.input(1)];
    if (node.shape.length === 2) {
      const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
      return { name: emission.node('Gemm', [emission.view(a), emission.view(b)], attributes), shape: node.shape };
    }
    const operand = (x: Tensor, transposed: boolean): string => {
      const value = emission.viewValue(emission.value(x), x.shape);
      return (transposed ? emission.transpose(value, [0, 2, 1]) : value).name;
    };
    return { name: emission.node('MatMul', [operand(a, transposeA), operand(b, transposeB)]), shape: node.shape };
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

function matrixShape({ shape }: Tensor, transposed: boolean): readonly (number | undefined)[] {
  return transposed ? [shape.at(-1), shape.at(-2)] : [shape.at(-2), shape.at(-1)];
}

/**
 * The matrix product of a [m, k] and b [k, n], each optionally given as its transpose; or those of two stacks of as many
 * matrices, [s, m, k] and [s, k, n].
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  return apply(matmulPrimitive, [a, b], { transposeA, transposeB });
}
