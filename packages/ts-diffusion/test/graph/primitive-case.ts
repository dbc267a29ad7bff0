import type { Shape, Tensor } from '../../src/graph/index.js';

/** An expression in which a primitive is applied to inputs a, b, c, … given as float arrays. */
export interface PrimitiveCase {
  readonly inputs: readonly Shape[];
  /** The values must be positive (log, sqrt, division). */
  readonly positive?: boolean;
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Which inputs the output depends on smoothly; default all. */
  readonly differentiable?: readonly number[];
}
