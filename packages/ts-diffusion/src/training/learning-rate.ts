/** The fields of a training configuration that decide the learning rate. */
export interface LearningRateSchedule {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly learningRateDecay: 'none' | 'cosine';
  readonly steps: number;
}

/**
 * The learning rate of a step: a linear warm-up from `learningRate / warmupSteps`, then constant, or falling to zero after
 * the last step along half a cosine (Loshchilov & Hutter, "SGDR", 2017).
 *
 * @param step 1-based
 * @param cycleStart steps taken before the present cycle of warm-up and decay began; see `cycleStartOf`
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number, cycleStart = 0): number {
  const { learningRate, warmupSteps, learningRateDecay } = schedule;
  const [position, length] = [step - cycleStart, schedule.steps - cycleStart];
  if (position <= warmupSteps) return (learningRate * position) / warmupSteps;
  if (learningRateDecay === 'none') return learningRate;
  const progress = (position - 1 - warmupSteps) / (length - warmupSteps); // in [0, 1): the last step still moves
  return learningRate * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/**
 * Where the present cycle of the learning rate began. A decaying rate is planned for the `steps` of its run. A run that is
 * resumed with another number of steps begins a new cycle (the warm restart of SGDR): warm-up, then half a cosine from the
 * full learning rate to zero after the new last step. The rates of the steps already taken do not change.
 *
 * @param resume the checkpoint gone on from; undefined: the run begins
 * @returns steps taken before the cycle
 */
export function cycleStartOf(
  resume: { readonly step: number; readonly cycleStart?: number; readonly config: LearningRateSchedule } | undefined,
  config: LearningRateSchedule,
): number {
  if (resume === undefined || config.learningRateDecay === 'none') return 0;
  return resume.config.steps === config.steps ? (resume.cycleStart ?? 0) : resume.step;
}
