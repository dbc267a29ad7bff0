import { cast, concat, constant, cos, equal, mul, reshape, sin, type Tensor } from '../graph/index.js';

/**
 * Sinusoidal embedding of timesteps [B] -> [B, width]: width/2 sines, then as many cosines, of t·exp(−ln(10000) i/(width/2−1))
 * (Vaswani et al. 2017, in the form of the paper's code).
 */
export function sinusoidalEmbedding(timesteps: Tensor, width: number): Tensor {
  const half = width / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10_000) * i) / (half - 1)));
  const angles = mul(reshape(timesteps, [timesteps.shape[0] ?? 0, 1]), constant(frequencies, [1, half]));
  return concat([sin(angles), cos(angles)], 1);
}

/** Labels [B] (as float32) -> [B, classes]; a label outside 0..classes-1, such as -1 for "dropped", gives the zero vector. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  return indicators(
    labels,
    Array.from({ length: classes }, (_, i) => i),
  );
}

/** Numbers [B] -> [B, values.length]: 1 where the number is the value, else 0. */
export function indicators(numbers: Tensor, values: readonly number[]): Tensor {
  return cast(equal(reshape(numbers, [numbers.shape[0] ?? 0, 1]), constant(values, [1, values.length])));
}
