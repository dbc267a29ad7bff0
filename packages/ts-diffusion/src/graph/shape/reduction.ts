import type { ReductionOperation } from '../operations.js';
import { describe, requireFloat, ShapeError } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

export const reductionShapes: ShapeRules<ReductionOperation> = {
  reduceSum: ([x], { axes, keepDimensions }) => {
    if (axes.length === 0 || axes.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= x.shape.length)) {
      throw new ShapeError(`reduceSum: axes [${axes.join(',')}] do not exist in ${describe(x)}`);
    }
    requireFloat('reduceSum', x);
    const shape = keepDimensions
      ? x.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    return { shape, dtype: 'float32', image: x.image && keepDimensions };
  },
  softmax: ([x]) => {
    if (x.image || x.shape.length === 0) {
      throw new ShapeError(`softmax: expected an array of rank 1 or more, got ${describe(x)}`);
    }
    return requireFloat('softmax', x);
  },
};
