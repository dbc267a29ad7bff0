import { linearCombination } from '../linear-combination.js';
import { linearPathPoint } from '../linear-path.js';
import { defineSampler } from './sampler.js';

/**
 * Euler's method for rectified flow's ODE dz/ds = u(z, s) (Liu et al. 2023, equation 1; `FlowMatchEulerDiscreteScheduler` of diffusers):
 * z_r = z_s + (r - s) · u with the flow u = ε - x_0. The same step as `ddim` with eta 0, told along the linear path.
 */
export const flowEuler = defineSampler({
  name: 'flow-euler',
  title: "Euler's method for rectified flow (Liu et al. 2023); the images of DDIM with eta 0",
  order: 1,
  stochastic: false,
  options: {},
  step:
    () =>
    ({ transition, x, predictedX0 }) => {
      const from = linearPathPoint(transition.signal, transition.sigma);
      const to = linearPathPoint(transition.signalPrevious, transition.sigmaPrevious);

      // u = (z_s - x_0) / s, so that z_r = z_s + (r - s) · u = r/s · z_s + (1 - r/s) · x_0
      const ratio = to.time / from.time;
      return linearCombination([(ratio * from.scale) / to.scale, x], [(1 - ratio) / to.scale, predictedX0]);
    },
});
