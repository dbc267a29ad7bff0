import { createSampler, type Sampler } from './sampler.js';

/**
 * Ancestral sampling (Ho et al. 2020, Algorithm 2; the paper's Algorithm 2), with the posterior variance and no clipping of
 * x_0 unless `clipX0` asks for it.
 *
 * Lines 3 to 5 form μ with and without the class and combine them with weights (1 + ω) and -ω. These sum to 1 and μ is
 * affine in ε, so the result is μ of the guided ε̃: `withGuidance` does it, and this file sees one denoiser. Line 6 stands for
 * t = 1, the last step.
 */
export const ddpm: Sampler = createSampler(() => ({ transition, x, epsilon, noise }) => {
  const { alpha, beta, alphaCumprod, previous, posteriorVariance } = transition;
  const next = new Float32Array(x.length);

  // Lines 3-5: μ = 1/√α_t · (x_t - β_t / √(1 - ᾱ_t) · ε̃)
  const scale = 1 / Math.sqrt(alpha);
  const epsilonScale = beta / Math.sqrt(1 - alphaCumprod);
  for (let i = 0; i < x.length; i++) {
    next[i] = scale * ((x[i] as number) - epsilonScale * (epsilon[i] as number));
  }

  // Lines 6-7: x_0 = μ
  if (previous === 0) return next;

  // Lines 9-11: x_{t-1} = μ + σ_t · ε,  ε ~ N(0, I)
  const sigma = Math.sqrt(posteriorVariance);
  const z = noise();
  for (let i = 0; i < x.length; i++) {
    next[i] = (next[i] as number) + sigma * (z[i] as number);
  }
  return next;
});
