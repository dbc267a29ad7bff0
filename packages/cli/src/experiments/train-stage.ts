import type { Runtime } from 'ts-diffusion';
import type { Dataset } from 'ts-diffusion/data';
import { hasTrained, loadCheckpoint, RunFolder } from 'ts-diffusion/node';
import { resolveTrainConfig, train, type TrainConfig } from 'ts-diffusion/train';
import type { Budget } from './budget.js';
import type { TrainingPlan } from './plan.js';

const CHECKPOINTS = 10;
const MOST_STEPS_LOST = 500;
const CURVE_POINTS = 200;

/** What to train on, and where. */
export interface TrainingPlace {
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

/** The configuration of one model: the paper's but for the budget and what the plan varies. */
export function trainingConfig(plan: TrainingPlan, { steps, batch, channels, learningRate }: Budget): TrainConfig {
  const { schedule, timesteps, rescaleBetas, labelDropoutPer } = plan;
  return resolveTrainConfig('paper', {
    ...{ schedule, timesteps, rescaleBetas, labelDropoutPer },
    ...{ steps, batchSize: batch, channels, learningRate },
    logEvery: Math.max(1, Math.floor(steps / CURVE_POINTS)),
    checkpointEvery: Math.max(1, Math.min(MOST_STEPS_LOST, Math.ceil(steps / CHECKPOINTS))),
    sampleEvery: 0,
  });
}

/** Steps that a run has taken; 0 before its first checkpoint. */
export function stepsTaken(path: string): number {
  if (!hasTrained(path)) return 0;
  const folder = RunFolder.resume(path);
  try {
    return folder.hasCheckpoint ? loadCheckpoint(path).step : 0;
  } finally {
    folder.close();
  }
}

/** Trains to the end, from the newest checkpoint if there is one, yielding each step. Stops early when aborted. */
export async function* trainModel(
  path: string,
  config: TrainConfig,
  { dataset, runtime, signal }: TrainingPlace,
): AsyncGenerator<{ readonly step: number; readonly loss: number }, void, void> {
  const folder = hasTrained(path) ? RunFolder.resume(path) : RunFolder.create(path, config);
  try {
    const resume = folder.hasCheckpoint ? folder.readCheckpoint() : undefined;
    for await (const event of train({ config, dataset, runtime, store: folder, resume, signal })) {
      if (event.type === 'step') yield event;
    }
  } finally {
    folder.close();
  }
}
