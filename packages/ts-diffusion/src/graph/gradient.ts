import { add } from './primitives/arithmetic.js';
import { scalar } from './primitives/source.js';
import { describe, ShapeError, type Tensor } from './tensor.js';

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

/**
 * Reverse-mode differentiation: the gradients of a scalar with respect to each of `sources`, as new nodes of the same
 * graph, so that gradients can be differentiated again.
 * @throws ShapeError if `loss` is no scalar or does not depend on one of the sources
 */
export function gradients(loss: Tensor, sources: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) throw new ShapeError(`gradients: the loss must be a scalar, got ${describe(loss)}`);
  const order = topologicalOrder([loss]);
  // Only what lies between the sources and the loss takes part.
  const depends = new Set<Tensor>(sources);
  for (const tensor of order) if (tensor.inputs.some((input) => depends.has(input))) depends.add(tensor);

  const gradientOf = new Map<Tensor, Tensor>([[loss, scalar(1)]]);
  for (const tensor of order.reverse()) {
    const outputGradient = gradientOf.get(tensor);
    if (outputGradient === undefined || !depends.has(tensor) || tensor.inputs.length === 0) continue;
    const { primitive } = tensor;
    if (primitive.gradient === 'inference only') {
      throw new ShapeError(`gradients: ${primitive.name} of ${describe(tensor)} is for inference only`);
    }
    primitive.gradient(tensor, outputGradient).forEach((contribution, index) => {
      const input = tensor.input(index);
      if (contribution === null || !depends.has(input)) return;
      const sum = gradientOf.get(input);
      gradientOf.set(input, sum === undefined ? contribution : add(sum, contribution));
    });
  }
  return sources.map((source) => {
    const gradient = gradientOf.get(source);
    if (gradient === undefined) throw new ShapeError(`gradients: the loss does not depend on ${describe(source)}`);
    return gradient;
  });
}
