import { linearCombination } from '../linear-combination.js';
import { extrapolation, type EarlierPrediction } from './dpm-solver.js';
import { defineSampler } from './sampler.js';

/**
 * SDE-DPM-Solver++(2M) (Lu et al. 2022b, section 5): as `dpm-solver++`, for the reverse SDE, whose noise makes up for errors of
 * earlier steps. The noise of each step is integrated exactly.
 */
export const dpmSolverSde = defineSampler({
  name: 'dpm-solver++-sde',
  title: 'SDE-DPM-Solver++ 2M (Lu et al. 2022b)',
  order: 2,
  stochastic: true,
  options: {},
  step: () => {
    let before: EarlierPrediction | undefined;
    return ({ transition, x, predictedX0, noise }) => {
      const { previous, sigma, signalPrevious, sigmaPrevious, logSnrStep } = transition;
      const noiseShare = -Math.expm1(-2 * logSnrStep);
      const onX0 = signalPrevious * noiseShare;
      const slope = extrapolation(transition, before);
      const drift = [
        [(sigmaPrevious / sigma) * Math.exp(-logSnrStep), x],
        [onX0 * (1 + slope), predictedX0],
        [-onX0 * slope, before?.predictedX0 ?? predictedX0],
      ] as const;
      before = { predictedX0, logSnrStep };
      return previous === 0
        ? linearCombination(...drift)
        : linearCombination(...drift, [sigmaPrevious * Math.sqrt(noiseShare), noise()]);
    };
  },
});
