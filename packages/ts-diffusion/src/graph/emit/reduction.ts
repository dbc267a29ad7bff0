import type { Shape } from '../../utils/shape.js';
import type { ReductionOperation } from '../operations.js';
import type { EmitRules } from './rule.js';

/**
 * Runs of neighbouring axes that are all reduced or all kept, merged into one: the fewer axes, the faster the reduction.
 * A kept axis 0 stays apart, because it may be a symbolic batch.
 */
function mergeRuns(shape: Shape, reduced: readonly boolean[]): { sizes: number[]; reducedAxes: number[] } {
  const sizes: number[] = [];
  const flags: boolean[] = [];
  shape.forEach((dimension, axis) => {
    const flag = reduced[axis] ?? false;
    const apart = axis === 1 && !flag;
    if (flags.at(-1) === flag && !apart) sizes[sizes.length - 1] = (sizes.at(-1) ?? 1) * dimension;
    else {
      sizes.push(dimension);
      flags.push(flag);
    }
  });
  return { sizes, reducedAxes: flags.flatMap((flag, axis) => (flag ? [axis] : [])) };
}

export const reductionEmission: EmitRules<ReductionOperation> = {
  reduceSum: (emission, node) => {
    const {
      inputs: [x],
      attributes: { axes },
    } = node;
    const order = emission.axisOrder(x);
    const physical = emission.physicalShape(x);
    const { sizes, reducedAxes } = mergeRuns(
      physical,
      order.map((axis) => axes.includes(axis)),
    );
    const name = emission.node('ReduceSum', [emission.view(x, sizes), emission.ints(reducedAxes)], { keepdims: 0 });
    const keptAxes = order.filter((axis) => !axes.includes(axis));
    const value = { name, shape: sizes.filter((_, axis) => !reducedAxes.includes(axis)) };
    if (node.image) return value;
    // What is left of an image becomes an array: its axes go back to their logical order.
    const sorted = [...keptAxes].sort((p, q) => p - q);
    if (sorted.every((axis, position) => axis === keptAxes[position])) return value;
    const kept = keptAxes.map((axis) => x.shape[axis] ?? 1);
    return emission.transpose(
      emission.viewValue(value, kept),
      sorted.map((axis) => keptAxes.indexOf(axis)),
    );
  },
  softmax: (emission, { inputs: [x], shape }) => ({
    name: emission.node('Softmax', [emission.view(x)], { axis: shape.length - 1 }),
    shape,
  }),
};
