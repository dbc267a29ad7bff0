import type { EmitRules } from './rule.js';

export const broadcastEmission: EmitRules<'broadcast'> = {
  broadcast: (emission, node) => {
    const shape = emission.physicalShape(node);
    return { name: emission.node('Expand', [emission.view(node.inputs[0]), emission.ints(shape)]), shape };
  },
};
