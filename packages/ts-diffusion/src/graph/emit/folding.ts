import type { FoldingOperation } from '../operations.js';
import { imageShape } from '../tensor-type.js';
import type { EmitRules } from './rule.js';

export const foldingEmission: EmitRules<FoldingOperation> = {
  depthToSpace: (emission, node) => {
    const [x] = node.inputs;
    const { factor } = node.attributes;
    const [n, c, h, w] = imageShape('depthToSpace', x);
    const unfolded = [c / factor ** 2, factor, factor, h, w];
    const shape = emission.batchInnermost ? [...unfolded, n] : [n, ...unfolded];
    const permutation = emission.batchInnermost ? [0, 3, 1, 4, 2, 5] : [0, 1, 4, 2, 5, 3];
    return emission.transpose(emission.viewValue(emission.value(x), shape), permutation);
  },
  spaceToDepth: (emission, node) => {
    const [x] = node.inputs;
    const { factor } = node.attributes;
    const [n, c, height, width] = imageShape('spaceToDepth', x);
    const windows = [c, height / factor, factor, width / factor, factor];
    const shape = emission.batchInnermost ? [...windows, n] : [n, ...windows];
    const permutation = emission.batchInnermost ? [0, 2, 4, 1, 3, 5] : [0, 1, 3, 5, 2, 4];
    return emission.transpose(emission.viewValue(emission.value(x), shape), permutation);
  },
};
