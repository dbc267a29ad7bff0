import type { ProgressBar } from '../../packages/cli/src/output/progress.js';

/** What a torture is told. */
export interface TortureOptions {
  readonly seed: number;
  readonly progress: ProgressBar;
}

/** What came of it. */
export interface Outcome {
  /** What was inflicted: kills, mutants, hostile requests. */
  readonly faults: number;
  /** One line each; those told while it ran are counted here as well. */
  readonly failures: readonly string[];
  /** What was measured, one line each. */
  readonly figures: readonly string[];
}
