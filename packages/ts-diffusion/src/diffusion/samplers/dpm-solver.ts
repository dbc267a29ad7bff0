import { linearCombination } from '../linear-combination.js';
import type { ReverseTransition } from '../reverse-transition.js';
import { defineSampler, type SamplerStep } from './sampler.js';

/** The prediction of x_0 that the step before was made with, and that step's h. */
export interface EarlierPrediction {
  readonly predictedX0: Float32Array;
  readonly logSnrStep: number;
}

/**
 * DPM-Solver++(2M) (Lu et al. 2022b, Algorithm 2): second order at one evaluation per step. The probability flow is solved
 * exactly but for x_0, which is extrapolated linearly in λ from the last two predictions. Deterministic.
 */
export const dpmSolver = defineSampler({
  name: 'dpm-solver++',
  title: 'DPM-Solver++ 2M (Lu et al. 2022b)',
  order: 2,
  stochastic: false,
  options: {},
  step: () => {
    let before: EarlierPrediction | undefined;
    return (input) => {
      const next = multistep(input, before);
      before = { predictedX0: input.predictedX0, logSnrStep: input.transition.logSnrStep };
      return next;
    };
  },
});

/** One step of second order; of first order without an earlier prediction. */
export function multistep(
  { transition, x, predictedX0 }: Pick<SamplerStep, 'transition' | 'x' | 'predictedX0'>,
  before: EarlierPrediction | undefined,
): Float32Array {
  const { onX, onX0 } = exponentialStep(transition);
  const slope = extrapolation(transition, before);
  const earlier = before?.predictedX0 ?? predictedX0;
  return linearCombination([onX, x], [onX0 * (1 + slope), predictedX0], [-onX0 * slope, earlier]);
}

/** x_s = onX · x_t + onX0 · x_0 solves the probability flow exactly for an x_0 that does not change on the way. */
export function exponentialStep({ sigma, signalPrevious, sigmaPrevious, logSnrStep }: ReverseTransition) {
  return { onX: sigmaPrevious / sigma, onX0: -signalPrevious * Math.expm1(-logSnrStep) };
}

/**
 * The weight 1 / 2r, r = h before / h, of (x_0 - x_0 before), which extrapolates x_0 to the middle of the step. The last step,
 * h = ∞, is of first order: it arrives at the predicted x_0 itself.
 */
export function extrapolation(
  { previous, logSnrStep }: ReverseTransition,
  before: EarlierPrediction | undefined,
): number {
  return before === undefined || previous === 0 ? 0 : logSnrStep / (2 * before.logSnrStep);
}
