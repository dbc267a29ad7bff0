import { linearCombination } from '../linear-combination.js';
import { defineSampler } from './sampler.js';

/**
 * Heun's method for the probability flow (Karras et al. 2022, EDM, Algorithm 1): second order at two evaluations per step, one
 * in the last. Deterministic. EDM's own timesteps are the spacing `karras`.
 *
 * EDM writes it for x/√ᾱ_t at noise level √(1 - ᾱ_t)/√ᾱ_t, where dx/dσ is the predicted noise ε; here x keeps its variance.
 */
export const heun = defineSampler({
  name: 'heun',
  title: 'Heun (Karras et al. 2022, EDM), two evaluations of the network per step',
  order: 2,
  stochastic: false,
  options: {},
  step:
    () =>
    async ({ transition, x, predictedX0, denoise }) => {
      const { previous, signal, sigma, signalPrevious, sigmaPrevious, singular } = transition;

      // Lines 4-5: the slope ε at t, and Euler's step along it
      const ratio = sigmaPrevious / sigma;
      const euler = linearCombination([signalPrevious - ratio * signal, predictedX0], [ratio, x]);

      // Line 6, and from what is infinite noise to s: the slope at t has no meaning there.
      if (singular) return euler;

      // Lines 7-8: half way towards the slope ε at s
      const again = await denoise(euler, previous);
      const half = (signalPrevious / 2) * (sigmaPrevious / signalPrevious - sigma / signal);
      return linearCombination(
        [1 + half / sigmaPrevious, euler],
        [(-half * signalPrevious) / sigmaPrevious, again],
        [-half / sigma, x],
        [(half * signal) / sigma, predictedX0],
      );
    },
});
