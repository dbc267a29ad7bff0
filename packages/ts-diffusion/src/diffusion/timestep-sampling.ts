import type { RandomStream } from '../utils/random.js';

/**
 * How training draws its timesteps: `uniform` (Algorithm 1), or `logit-normal`, more often in the middle: t/T is the sigmoid
 * of a normal (Esser et al. 2024, section 3.1), rounded up to a timestep.
 */
export const timestepSamplings = ['uniform', 'logit-normal'] as const;
export type TimestepSampling = (typeof timestepSamplings)[number];

/** The distribution of the timesteps. */
export interface TimestepDistribution {
  readonly timestepSampling: TimestepSampling;
  /** Mean of the normal whose sigmoid is t/T; above 0 draws noisier timesteps. Default 0. */
  readonly logitMean?: number | undefined;
  /** Its standard deviation. Default 1. */
  readonly logitStd?: number | undefined;
}

/** `count` timesteps in 1..T. */
export function drawTimesteps(
  { timestepSampling, logitMean = 0, logitStd = 1 }: TimestepDistribution,
  timesteps: number,
  count: number,
  random: RandomStream,
): Float32Array {
  if (timestepSampling === 'uniform') return Float32Array.from({ length: count }, () => 1 + random.integer(timesteps));
  const normals = new Float32Array(count);
  random.fillNormal(normals);
  // Above a logit of about 37 the sigmoid is 1 in float64.
  return normals.map((normal) => {
    const logit = logitMean + logitStd * normal;
    return Math.min(timesteps, 1 + Math.floor(timesteps / (1 + Math.exp(-logit))));
  });
}
