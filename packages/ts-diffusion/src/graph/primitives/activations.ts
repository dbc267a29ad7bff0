import type { Primitive } from '../tensor.js';
import { apply, describe, ShapeError, type Tensor } from '../tensor.js';
import { add, emitSigmoid, mul, reduceSum, requireFloat, sigmoid, sub } from './arithmetic.js';
import { scalar } from './source.js';

type NoAttributes = Record<string, never>;

/** One primitive rather than x · sigmoid(x), because σ + y (1 − σ) is a node less than what the product rule gives. */
export const siluPrimitive: Primitive<NoAttributes> = {
  name: 'silu',
  infer: ([x]) => requireFloat('silu', x as Tensor),
  emit: (emission, node) => {
    const x = emission.value(node.input(0));
    return { name: emission.node('Mul', [x.name, emitSigmoid(emission, x).name]), shape: x.shape };
  },
  gradient: (node, dy) => {
    const s = sigmoid(node.input(0));
    return [mul(dy, add(s, mul(node, sub(scalar(1), s))))];
  },
};

export const softmaxPrimitive: Primitive<NoAttributes> = {
  name: 'softmax',
  infer: ([input]) => {
    const x = input as Tensor;
    if (x.image || x.shape.length === 0) {
      throw new ShapeError(`softmax: expected an array of rank 1 or more, got ${describe(x)}`);
    }
    return requireFloat('softmax', x);
  },
  emit: (emission, node) => {
    const name = emission.node('Softmax', [emission.view(node.input(0))], { axis: node.shape.length - 1 });
    return { name, shape: node.shape };
  },
  gradient: (node, dy) => {
    const weighted = mul(dy, node);
    const total = reduceSum(weighted, [node.shape.length - 1], { keepDimensions: true });
    return [sub(weighted, mul(node, total))];
  },
};

/** x · sigmoid(x) (Elfwing et al. 2018; "swish"). */
export const silu = (x: Tensor): Tensor => apply(siluPrimitive, [x], {});

/** exp(x) / Σ exp(x) along the last axis of an array. */
export const softmax = (x: Tensor): Tensor => apply(softmaxPrimitive, [x], {});
