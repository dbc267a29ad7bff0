import type { Checkpoint, TrainConfig } from 'ts-diffusion/train';

/** Bytes per parameter that a replica is sent in each round: the common weights in float32. */
const BYTES_DOWN = 4;
/** Bytes per parameter that it sends: its weights and their moving average. */
const BYTES_UP = 8;

const megabytes = (bytes: number): string => String(Number((bytes / 1e6).toPrecision(2)));

/**
 * What the user should know before the first step about how the learning rate and the time limit go together with the steps.
 *
 * @param resume the checkpoint gone on from, if the run is resumed
 * @param cycleStart steps after which the learning rate's present cycle began
 * @param parameters of the network
 * @returns lines to print, often none
 */
export function describePlan(
  config: TrainConfig,
  resume: Checkpoint | undefined,
  { cycleStart, parameters }: { readonly cycleStart: number; readonly parameters: number },
): string[] {
  const lines: string[] = [];
  const { steps, learningRate, learningRateDecay, warmupSteps, maxMinutes } = config;
  if (resume !== undefined && resume.config.steps !== steps && learningRateDecay === 'cosine' && resume.step < steps) {
    const warmup = warmupSteps === 0 ? '' : `${warmupSteps} steps of warm-up, then `;
    lines.push(
      `learning rate  the schedule was for ${resume.config.steps} steps; a new cycle begins: ${warmup}half a cosine from ` +
        `${learningRate} to 0, steps ${cycleStart + 1} to ${steps}`,
    );
  }
  const { replicas, syncEvery } = config;
  if (replicas !== undefined) {
    lines.push(
      `replicas       ${replicas} of ${steps} steps each, averaged every ${syncEvery} steps; each average moves ${replicas} x ` +
        `(${megabytes(BYTES_DOWN * parameters)} MB down, ${megabytes(BYTES_UP * parameters)} MB up)`,
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
