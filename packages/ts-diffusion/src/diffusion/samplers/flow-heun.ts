import { linearCombination } from '../linear-combination.js';
import { linearPathPoint } from '../linear-path.js';
import { defineSampler } from './sampler.js';

/**
 * Heun's method for rectified flow's ODE dz/ds = u(z, s), u = ε - x_0 (Liu et al. 2023, equation 1; `FlowMatchHeunDiscreteScheduler` of
 * diffusers): second order at two evaluations per step, one in the last, which arrives where no network was trained. Unlike `heun`,
 * whose variable is the noise level, it has no singularity at ᾱ_t = 0.
 */
export const flowHeun = defineSampler({
  name: 'flow-heun',
  title: "Heun's method for rectified flow (Liu et al. 2023), two evaluations of the network per step",
  order: 2,
  stochastic: false,
  options: {},
  step:
    () =>
    async ({ transition, x, predictedX0, denoise }) => {
      const { previous, signal, sigma, signalPrevious, sigmaPrevious } = transition;
      const { time: s, scale } = linearPathPoint(signal, sigma);
      const { time: r, scale: scalePrevious } = linearPathPoint(signalPrevious, sigmaPrevious);

      // Euler's step along u = (z_s - x_0) / s
      const ratio = r / s;
      const euler = linearCombination([(ratio * scale) / scalePrevious, x], [(1 - ratio) / scalePrevious, predictedX0]);
      if (previous === 0) return euler;

      // z_r = z_s + (r - s) · (u(z_s, s) + u(euler, r)) / 2
      const again = await denoise(euler, previous);
      const half = (r - s) / 2;
      return linearCombination(
        [((1 + half / s) * scale) / scalePrevious, x],
        [-half / s / scalePrevious, predictedX0],
        [half / r, euler],
        [-half / r / scalePrevious, again],
      );
    },
});
