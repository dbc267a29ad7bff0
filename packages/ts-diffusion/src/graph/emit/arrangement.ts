import type { ArrangementOperation } from '../operations.js';
import type { EmitRules } from './rule.js';

export const arrangementEmission: EmitRules<ArrangementOperation> = {
  reshape: (emission, { inputs: [x], shape }) => emission.viewValue(emission.value(x), shape),
  transpose: (emission, { inputs: [x], attributes: { permutation } }) =>
    emission.transpose(emission.viewValue(emission.value(x), x.shape), permutation),
  toImage: (emission, { inputs: [x], shape: [n = 1, c = 1, h = 1, w = 1] }) => {
    if (!emission.batchInnermost) return emission.value(x);
    return emission.transpose(emission.viewValue(emission.value(x), [n, c * h * w]), [1, 0]);
  },
  toArray: (emission, { inputs: [x], shape }) => {
    const [n = 1, c = 1, h = 1, w = 1] = shape;
    if (!emission.batchInnermost) return emission.viewValue(emission.value(x), shape);
    return emission.transpose(emission.viewValue(emission.value(x), [c * h * w, n]), [1, 0]);
  },
  slice: (emission, node) => {
    const {
      inputs: [x],
      attributes: { axis, start, end },
    } = node;
    const physicalAxis = emission.axisOrder(x).indexOf(axis);
    const bounds = [emission.ints([start]), emission.ints([end]), emission.ints([physicalAxis])];
    return { name: emission.node('Slice', [emission.view(x), ...bounds]), shape: emission.physicalShape(node) };
  },
  pad: (emission, node) => {
    const {
      inputs: [x],
      attributes: { axis, before, after },
    } = node;
    const rank = x.shape.length;
    const physicalAxis = emission.axisOrder(x).indexOf(axis);
    const amounts = Array.from({ length: 2 * rank }, (_, i) =>
      i === physicalAxis ? before : i === rank + physicalAxis ? after : 0,
    );
    const name = emission.node('Pad', [emission.view(x), emission.ints(amounts)], { mode: 'constant' });
    return { name, shape: emission.physicalShape(node) };
  },
  concat: (emission, node) => {
    const physicalAxis = emission.axisOrder(node).indexOf(node.attributes.axis);
    const { maxConcatInputs } = emission.target;
    let names = node.inputs.map((x) => emission.view(x));
    const join = (group: readonly string[]): string =>
      group.length === 1 ? (group[0] ?? '') : emission.node('Concat', group, { axis: physicalAxis });
    while (names.length > maxConcatInputs) {
      names = Array.from({ length: Math.ceil(names.length / maxConcatInputs) }, (_, i) =>
        join(names.slice(i * maxConcatInputs, (i + 1) * maxConcatInputs)),
      );
    }
    return { name: join(names), shape: emission.physicalShape(node) };
  },
};
