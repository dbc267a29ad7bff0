import { UserError } from '../utils/errors.js';

/** The loss or the weights stopped being finite numbers; the last checkpoint is from before that. */
export class TrainingDivergedError extends UserError {
  override readonly name = 'TrainingDivergedError';

  /**
   * Tells the step and the learning rate.
   *
   * @param symptom what was seen
   * @param kept which checkpoint there is from before
   */
  constructor(
    /** The step (1-based) at which it was noticed. */
    readonly step: number,
    readonly learningRate: number,
    symptom: string,
    kept: string,
  ) {
    super(
      `Training diverged at step ${step}: ${symptom} (learning rate ${learningRate}). ${kept} ` +
        `Train again with a lower --learning-rate, or with a longer --warmup-steps.`,
    );
  }
}

/** A run folder that cannot be used the way it was asked for. */
export class RunFolderError extends UserError {
  override readonly name = 'RunFolderError';
}
