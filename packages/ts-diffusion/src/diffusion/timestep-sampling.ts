import type { RandomStream } from '../utils/random.js';

/**
 * How training draws its timesteps: `uniform` (Algorithm 1), or `logit-normal`, more often in the middle: t/T is the sigmoid
 * of a standard normal (Esser et al. 2024, section 3.1).
 */
export const timestepSamplings = ['uniform', 'logit-normal'] as const;
export type TimestepSampling = (typeof timestepSamplings)[number];

/** `count` timesteps in 1..T. */
export function drawTimesteps(
  sampling: TimestepSampling,
  timesteps: number,
  count: number,
  random: RandomStream,
): Float32Array {
  if (sampling === 'uniform') return Float32Array.from({ length: count }, () => 1 + random.integer(timesteps));
  const normals = new Float32Array(count);
  random.fillNormal(normals);
  // Above a normal of about 17 the sigmoid is 1 in float64.
  return normals.map((normal) => Math.min(timesteps, 1 + Math.floor(timesteps / (1 + Math.exp(-normal)))));
}
