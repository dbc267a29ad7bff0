import { linearCombination } from '../linear-combination.js';
import { exponentialStep, multistep, type EarlierPrediction } from './dpm-solver.js';
import { defineSampler, type SamplerStep } from './sampler.js';

/** The step made last: what it was made from. */
type LastStep = Pick<SamplerStep, 'transition' | 'x' | 'predictedX0'> & {
  readonly before: EarlierPrediction | undefined;
};

/**
 * UniPC-2 with B(h) = e^h - 1, predicting x_0 (Zhao et al. 2023, Algorithms 5 to 8): each step is made with the last two
 * predictions of x_0 (which is DPM-Solver++(2M)) and corrected once the prediction at its end is known, which the next step needs
 * anyway. Third order at one evaluation per step. Deterministic. A state's x is what the denoiser saw, not yet corrected.
 */
export const unipc = defineSampler({
  name: 'unipc',
  title: 'UniPC-2 (Zhao et al. 2023), B(h) = e^h - 1',
  order: 3,
  stochastic: false,
  options: {},
  step: () => {
    let last: LastStep | undefined;
    return ({ transition, x: predicted, predictedX0 }) => {
      const x = last === undefined ? predicted : correct(last, predictedX0);
      const before = last && { predictedX0: last.predictedX0, logSnrStep: last.transition.logSnrStep };
      last = { transition, x, predictedX0, before };
      return multistep(last, before);
    };
  },
});

/** The same step once more, with the prediction at its end, `arrived`, as one more point. */
function correct({ transition, x, predictedX0, before }: LastStep, arrived: Float32Array): Float32Array {
  const { onX, onX0 } = exponentialStep(transition);
  if (before === undefined) return linearCombination([onX, x], [onX0 / 2, predictedX0], [onX0 / 2, arrived]);

  // The weights ρ of the differences to both points solve ρ_1 + ρ_2 = b_1, ratio · ρ_1 + ρ_2 = b_2 (equation 5).
  const h = transition.logSnrStep;
  const ratio = -before.logSnrStep / h;
  const bOfH = Math.expm1(-h);
  const phi2 = bOfH / -h - 1;
  const phi3 = phi2 / -h - 1 / 2;
  const [b1, b2] = [phi2 / bOfH, (2 * phi3) / bOfH];
  const rho1 = (b1 - b2) / (1 - ratio);
  const onBefore = rho1 / ratio;
  const onArrived = b1 - rho1;
  return linearCombination(
    [onX, x],
    [onX0 * (1 - onBefore - onArrived), predictedX0],
    [onX0 * onBefore, before.predictedX0],
    [onX0 * onArrived, arrived],
  );
}
