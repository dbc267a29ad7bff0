import type { Tensor } from './tensor.js';

/** All tensors that `roots` depend on, inputs before outputs. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const found = new Set<Tensor>();
  const pending = [...roots];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (found.has(tensor)) continue;
    found.add(tensor);
    pending.push(...tensor.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}
