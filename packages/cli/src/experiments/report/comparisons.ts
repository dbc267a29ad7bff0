import type { Setting as Fields } from '../../sweep/plan/settings.js';

/** A deviation of the published program alone, beside the same setting without it, by what `plans/deviations.yaml` varies. */
export interface QuirkComparison {
  readonly name: string;
  readonly without: Fields;
  readonly with: Fields;
}

export const quirkComparisons: readonly QuirkComparison[] = [
  { name: 'labels dropped for a whole batch at once', without: {}, with: { 'train.labelDropoutPer': 'batch' } },
  {
    name: 'betas not rescaled to T = 4000 (linear)',
    without: { 'train.timesteps': 4000, 'train.rescaleBetas': true },
    with: { 'train.timesteps': 4000, 'train.rescaleBetas': false },
  },
  {
    name: 'predicted image not clipped (cosine, T = 1000)',
    without: { 'train.schedule': 'cosine', 'sample.clipX0': true },
    with: { 'train.schedule': 'cosine', 'sample.clipX0': false },
  },
  {
    name: 'unconditional prediction without the class branch',
    without: {},
    with: { 'evaluate.quirks': ['omittedClassBranch'] },
  },
  {
    name: 'samples clamped to [0, 1] before saving',
    without: {},
    with: { 'evaluate.quirks': ['clampedBeforeSaving'] },
  },
  {
    name: 'evaluator fed [-1, 1] for (x - mean) / std',
    without: {},
    with: { 'evaluate.quirks': ['wrongEvaluatorRange'] },
  },
];

/** What `plans/full-chain.yaml` varies of the cell of all T steps; the sampler of the tables is the plan itself. */
export const fullChain: Fields = { 'sample.sampler': 'ddpm', 'sample.samplingSteps': 0 };
