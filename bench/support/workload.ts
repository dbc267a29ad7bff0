import { resolveTrainConfig } from '../../packages/ts-diffusion/src/training/resolve-config.js';
import { createDataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { createNoiseSchedule } from '../../packages/ts-diffusion/src/diffusion/noise-schedule.js';
import { paperUNet } from '../../packages/ts-diffusion/src/models/unet.js';
import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';
import { createBatchBuffers, trainingBatch } from '../../packages/ts-diffusion/src/training/training-batch.js';
import { TrainSession } from '../../packages/ts-diffusion/src/training/train-session.js';
import { timed } from './statistics.js';

/** Multiply-adds count as two: the paper's U-Net, per image, forward. A training step costs three times that. */
export const FORWARD_GFLOP = 0.604;
export const TRAIN_BATCH = 32;

export const digits = createDataset(
  { shape: [256, 28, 28], data: Uint8Array.from({ length: 256 * 784 }, (_, i) => (i * 2654435761) >>> 24) },
  { shape: [256], data: Uint8Array.from({ length: 256 }, (_, i) => i % 10) },
  'random pixels (the time does not depend on what they show)',
);
export const config = resolveTrainConfig('paper');
const schedule = createNoiseSchedule(config.schedule, config.timesteps);

export async function createSession(runtime: Runtime): Promise<TrainSession> {
  const session = await TrainSession.create(runtime, { model: paperUNet, batchSize: TRAIN_BATCH, loss: config.loss });
  const parameters = session.layout.initialise(0);
  const zeros = new Float32Array(session.layout.size);
  session.writeState({ parameters, firstMoment: zeros, secondMoment: zeros, ema: parameters });
  return session;
}

/** One training step with the batch it needs, made as `train` makes it, as often as it is called. */
export function stepper(session: TrainSession): () => Promise<number> {
  const buffers = createBatchBuffers(TRAIN_BATCH, digits.height * digits.width);
  let step = 0;
  return () =>
    timed(async () => {
      step += 1;
      const batch = trainingBatch(digits, schedule, config, step, buffers);
      await session.step(batch, { step, learningRate: config.learningRate, emaDecay: config.emaDecay });
    });
}
