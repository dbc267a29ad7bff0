/** The fields of a training configuration that decide the learning rate. */
export interface LearningRateSchedule {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly learningRateDecay: 'none' | 'cosine';
  readonly steps: number;
}

/**
 * The learning rate of a step: a linear warm-up from `learningRate / warmupSteps`, then constant, or falling to zero after
 * the last step along half a cosine (Loshchilov & Hutter, "SGDR", 2017, without restarts).
 *
 * @param step 1-based
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number): number {
  const { learningRate, warmupSteps, learningRateDecay, steps } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (learningRateDecay === 'none') return learningRate;
  const progress = (step - 1 - warmupSteps) / (steps - warmupSteps); // in [0, 1): the last step still moves
  return learningRate * 0.5 * (1 + Math.cos(Math.PI * progress));
}
