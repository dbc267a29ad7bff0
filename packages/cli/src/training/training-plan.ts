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
      `learning rate  planned for ${resume.config.steps} steps until now; a new cycle begins: ${warmup}from ${learningRate} ` +
        `along half a cosine to 0, steps ${cycleStart + 1} to ${steps}`,
    );
  }
  if (maxMinutes > 0) {
    const decay =
      learningRateDecay === 'cosine' ? `, with the learning rate still on its way from ${learningRate} to 0` : '';
    lines.push(
      `time limit     ${maxMinutes} minutes: a run that has not taken its ${steps} steps by then stops${decay}; ` +
        '--max-minutes 0 lifts the limit',
    );
  }
  return lines;
}
