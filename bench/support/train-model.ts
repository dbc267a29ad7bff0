import type { Dataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { hasTrained, RunFolder } from '../../packages/ts-diffusion/src/node/training/run-folder.js';
import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';
import type { TrainConfig } from '../../packages/ts-diffusion/src/training/config.js';
import { train } from '../../packages/ts-diffusion/src/training/training-run.js';

/** What to train on, and where. */
export interface TrainingPlace {
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
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
