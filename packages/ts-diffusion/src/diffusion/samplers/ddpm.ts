import { z } from 'zod';
import { linearCombination } from '../linear-combination.js';
import { posteriorMeanWeights } from '../reverse-transition.js';
import { defineSampler } from './sampler.js';

/**
 * Ancestral sampling (Ho et al. 2020, Algorithm 2; the paper's Algorithm 2), with the posterior variance unless `variance`
 * asks for the larger β_t.
 *
 * Lines 3 to 5 form μ with and without the class and combine them with weights (1 + ω) and -ω. These sum to 1 and μ is affine
 * in what the network predicts, so the result is μ of the guided prediction: `withGuidance` does it, and this file sees one
 * denoiser. Line 6 stands for t = 1, the last step.
 */
export const ddpm = defineSampler({
  name: 'ddpm',
  title: "DDPM (Ho et al. 2020), the paper's Algorithm 2",
  order: 1,
  stochastic: true,
  options: {
    variance: z.enum(['posterior', 'beta']).default('posterior').meta({
      description: 'variance of the noise added in each step: the posterior variance, or the larger beta',
      expected: '"posterior" or "beta"',
    }),
  },
  step:
    ({ variance }) =>
    ({ transition, x, predictedX0, noise }) => {
      const { beta, previous, posteriorVariance } = transition;

      // Lines 3-5: μ = 1/√α_t · (x_t - β_t / √(1 - ᾱ_t) · ε̃), told by x_0
      const weights = posteriorMeanWeights(transition);
      const onX0 = [weights.onX0, predictedX0] as const;
      const onX = [weights.onX, x] as const;

      // Lines 6-7: x_0 = μ
      if (previous === 0) return linearCombination(onX0, onX);

      // Lines 9-11: x_{t-1} = μ + σ_t · ε,  ε ~ N(0, I)
      const scale = Math.sqrt(variance === 'posterior' ? posteriorVariance : beta);
      return linearCombination(onX0, onX, [scale, noise()]);
    },
});
