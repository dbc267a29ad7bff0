import type { Tensor } from '../tensor.js';
import type { EmitRules } from './rule.js';

export const matmulEmission: EmitRules<'matmul'> = {
  matmul: (emission, { inputs: [a, b], attributes: { transposeA, transposeB }, shape }) => {
    if (shape.length === 2) {
      const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
      return { name: emission.node('Gemm', [emission.view(a), emission.view(b)], attributes), shape };
    }
    const operand = (x: Tensor, transposed: boolean): string => {
      const value = emission.viewValue(emission.value(x), x.shape);
      return (transposed ? emission.transpose(value, [0, 2, 1]) : value).name;
    };
    return { name: emission.node('MatMul', [operand(a, transposeA), operand(b, transposeB)]), shape };
  },
};
