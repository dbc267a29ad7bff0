import type { Operation } from '../operations.js';
import { add } from '../ops/elementwise.js';
import { scalar } from '../ops/source.js';
import { describe, ShapeError } from '../tensor-type.js';
import type { Tensor } from '../tensor.js';
import { topologicalOrder } from '../topological-order.js';
import { gradientRules } from './rules.js';

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
    for (const [index, contribution] of contributions(tensor.op, tensor, outputGradient).entries()) {
      const input = tensor.input(index);
      if (contribution === null || !depends.has(input)) continue;
      const sum = gradientOf.get(input);
      gradientOf.set(input, sum === undefined ? contribution : add(sum, contribution));
    }
  }
  return sources.map((source) => {
    const gradient = gradientOf.get(source);
    if (gradient === undefined) throw new ShapeError(`gradients: the loss does not depend on ${describe(source)}`);
    return gradient;
  });
}

/** What a tensor's gradient adds to the gradient of each of its inputs. */
function contributions<Op extends Operation>(
  op: Op,
  tensor: Tensor<Op>,
  outputGradient: Tensor,
): readonly (Tensor | null)[] {
  return gradientRules[op](tensor, outputGradient);
}
