import { ConstantValue } from '../emission.js';
import type { SourceOperation } from '../operations.js';
import type { EmitRules } from './rule.js';

export const sourceEmission: EmitRules<SourceOperation> = {
  // The lowering declares the graph's inputs.
  input: (_emission, { attributes: { name }, shape }) => ({ name, shape }),
  constant: ({ builder }, { attributes: { data, shape } }) => new ConstantValue(builder, data, shape),
};
