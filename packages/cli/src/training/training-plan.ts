import type { Checkpoint, TrainConfig } from 'ts-diffusion/train';

/**
 * What the user should know before the first step about how the learning rate and the time limit go together with the steps.
 *
 * @param resume the checkpoint gone on from, if the run is resumed
 * @param cycleStart steps after which the learning rate's present cycle began
 * @returns lines to print, often none
 */
export function describePlan(config: TrainConfig, resume: Checkpoint | undefined, cycleStart: number): string[] {
  const lines: string[] = [];
  const { steps, learningRate, learningRateDecay, warmupSteps, maxMinutes } = config;
  if (resume !== undefined && resume.config.steps !== steps && learningRateDecay === 'cosine' && resume.step < steps) {
    const warmup = warmupSteps === 0 ? '' : `${warmupSteps} steps of warm-up, then `;
    lines.push(
      `learning rate  the schedule was for ${resume.config.steps} steps; a new cycle begins: ${warmup}half a cosine from ` +
        `${learningRate} to 0, steps ${cycleStart + 1} to ${steps}`,
    );
  }
  if (maxMinutes > 0) {
    const decay = learningRateDecay === 'cosine' ? ', before the learning rate has decayed to 0' : '';
    lines.push(
      `time limit     ${maxMinutes} minutes: the run then stops, even before step ${steps}${decay}; ` +
        '--max-minutes 0 removes the limit',
    );
  }
  return lines;
}
