import { z } from 'zod';
import { linearCombination } from '../linear-combination.js';
import { defineSampler } from './sampler.js';

/**
 * DDIM (Song et al. 2021, equation 12): x_s = √ᾱ_s · x_0 + √(1 - ᾱ_s - σ²) · ε + σ · z with σ² = η² times DDPM's posterior
 * variance. Deterministic for η = 0, the default: first order in the step of λ. DDPM for η = 1.
 */
export const ddim = defineSampler({
  name: 'ddim',
  title: 'DDIM (Song et al. 2021); DDPM with eta 1',
  order: 1,
  stochastic: ({ eta }) => eta > 0,
  options: {
    eta: z.number().min(0).max(1).default(0).meta({
      description: 'noise added in each step, relative to ddpm: 0 is deterministic, 1 is ddpm',
      expected: 'a number from 0 to 1',
    }),
    noiseFrom: z.enum(['clipped', 'unclipped']).default('clipped').meta({
      description: 'from which predicted x_0 the noise is computed where x_0 is clipped; unclipped as in diffusers',
      expected: '"clipped" or "unclipped"',
    }),
  },
  step:
    ({ eta, noiseFrom }) =>
    ({ transition, x, predictedX0, unclippedX0, noise }) => {
      const { previous, signal, sigma, signalPrevious, sigmaPrevious, posteriorVariance } = transition;
      const variance = eta ** 2 * posteriorVariance;

      // ε = (x_t - √ᾱ_t · x_0) / √(1 - ᾱ_t). With η = 1 none of it is left where ᾱ_t = 0: rounding must not make that less than none.
      const onEpsilon = Math.sqrt(Math.max(0, sigmaPrevious ** 2 - variance));
      const away = (-onEpsilon * signal) / sigma;
      const isShared = noiseFrom === 'clipped' || predictedX0 === unclippedX0;
      const onX0 = [isShared ? signalPrevious + away : signalPrevious, predictedX0] as const;
      const onX = [onEpsilon / sigma, x] as const;
      const onUnclipped = [away, unclippedX0] as const;
      const onNoise = eta === 0 || previous === 0 ? undefined : ([Math.sqrt(variance), noise()] as const);
      return isShared ? linearCombination(onX0, onX, onNoise) : linearCombination(onX0, onX, onUnclipped, onNoise);
    },
});
