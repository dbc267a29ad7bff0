import {
  DENSITY_METRIC,
  FID_METRIC,
  FRECHET_METRIC,
  INCEPTION_METRIC,
  KERNEL_METRIC,
  LABEL_METRIC,
  NEAR_COPIES_METRIC,
  RECALL_METRIC,
} from 'ts-diffusion/evaluation';
import type { EvaluateFields } from './fields.js';

/** A score that a plan may ask for. */
interface ScoreChoice {
  /** What receipts call it. */
  readonly metric: string;
  /** What the report calls it. */
  readonly title: string;
  readonly better: 'lower' | 'higher';
  /** Options of `diffusion evaluate` without which it is not computed. */
  readonly needs?: (fields: EvaluateFields) => readonly string[];
}

const choices = {
  frechet: { metric: FRECHET_METRIC, title: 'Fréchet distance', better: 'lower' },
  inception: { metric: INCEPTION_METRIC, title: 'Inception score', better: 'higher' },
  kernel: { metric: KERNEL_METRIC, title: 'kernel distance', better: 'lower' },
  precision: { metric: 'Precision', title: 'precision', better: 'higher' },
  recall: { metric: RECALL_METRIC, title: 'recall', better: 'higher' },
  density: { metric: DENSITY_METRIC, title: 'density', better: 'higher' },
  coverage: { metric: 'Coverage', title: 'coverage', better: 'higher' },
  labels: { metric: LABEL_METRIC, title: 'label accuracy', better: 'higher' },
  nearCopies: {
    metric: NEAR_COPIES_METRIC,
    title: 'near-copies',
    better: 'lower',
    needs: ({ nearCopies }) => ['--near-copies', String(nearCopies)],
  },
  twoSample: {
    metric: 'Two-sample accuracy',
    title: 'two-sample accuracy',
    better: 'lower',
    needs: ({ judges }) => ['--judges', String(judges)],
  },
  worstDistance: {
    metric: 'Worst distance over floor',
    title: 'worst distance over floor',
    better: 'lower',
    needs: () => ['--thorough'],
  },
  fid: { metric: FID_METRIC, title: 'FID', better: 'lower', needs: () => ['--fid'] },
  bitsPerDim: {
    metric: 'Bits per dimension (variational bound)',
    title: 'bits per dimension',
    better: 'lower',
    needs: ({ bitsPerDimImages }) => ['--bits-per-dim', String(bitsPerDimImages)],
  },
} as const satisfies Record<string, ScoreChoice>;

/** The name of a score in a plan. */
export type ScoreName = keyof typeof choices;

export const scoreNames = Object.keys(choices) as [ScoreName, ...ScoreName[]];

/** Taken unless a plan asks for others. */
export const defaultScores: readonly ScoreName[] = ['frechet', 'inception', 'recall', 'labels'];

/** What is known of a score. */
export const scoreChoice = (name: ScoreName): ScoreChoice => choices[name];

/**
 * The options of `diffusion evaluate` that compute these scores, and nothing that takes long beside them. They do not depend on the
 * order of the names, by which settings are ranked.
 */
export function scoreArguments(names: readonly ScoreName[], fields: EvaluateFields): readonly string[] {
  const inOrder = scoreNames.filter((name) => names.includes(name));
  const asked = inOrder.flatMap((name) => scoreChoice(name).needs?.(fields) ?? []);
  const off = (flag: string, without: readonly string[]): readonly string[] => (asked.includes(flag) ? [] : without);
  return [
    ...asked.filter((word) => word !== '--thorough'),
    ...off('--near-copies', ['--near-copies', '0']),
    ...off('--judges', ['--judges', '0']),
    ...off('--thorough', ['--no-thorough']),
  ];
}
