import type { TrainConfig } from './config.js';
import { imageLength, type TrainingImages } from '../data/dataset.js';
import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import { emaDecayAt } from './ema-schedule.js';
import { learningRateAt } from './learning-rate.js';
import type { TrainSession } from './train-session.js';
import { createBatchBuffers, trainingBatch } from './training-batch.js';

/** One update of the weights. */
export interface Update {
  /** 1-based: step k is the k-th update. */
  readonly step: number;
  /** Before the update, the mean over the batch. */
  readonly loss: number;
  readonly learningRate: number;
  readonly emaDecay: number;
  /** Wall time of the step: batch, noise, forward, backward, update. */
  readonly milliseconds: number;
}

/** Where in a run the updates begin. */
export interface Beginning {
  /** Updates taken already. */
  readonly step: number;
  /** Updates after which the learning rate's present cycle began: see `learningRateAt`. */
  readonly cycleStart: number;
}

/**
 * Algorithm 1 of Ho et al. (2020) with classifier-free guidance's dropped labels: trains the network in `session`, yielding
 * each update, until `config.steps` have been taken. The caller may stop earlier. Everything a step draws is a function of
 * (seed, batch), where batch is the step, or of K replicas every K-th one: together they draw what one training would.
 *
 * @param replica which of `config.replicas` is trained, 1-based
 */
export async function* updates(
  session: TrainSession,
  dataset: TrainingImages,
  config: TrainConfig,
  { step: taken, cycleStart }: Beginning,
  replica = 1,
): AsyncGenerator<Update, void, void> {
  const schedule = createNoiseSchedule(config.schedule, config.timesteps, config);
  const { replicas = 1 } = config;
  const buffers = createBatchBuffers(config.batchSize, imageLength(dataset));
  // 1: repeat
  for (let step = taken + 1; step <= config.steps; step++) {
    const begin = performance.now();
    const learningRate = learningRateAt(config, step, cycleStart);
    const emaDecay = emaDecayAt(config.emaDecay, step);
    // 2-5: x_0, c, t, ε, x_t
    const number = (step - 1) * replicas + replica;
    const batch = trainingBatch(dataset, schedule, config, number, buffers);
    // 6-8: the loss ‖ε - ε_θ(x_t, t, c)‖, its gradient, and Adam's step along it
    const loss = await session.step(batch, { step, learningRate, emaDecay }, number);
    yield { step, loss, learningRate, emaDecay, milliseconds: performance.now() - begin };
  }
  // 9: until converged, here: until the steps are used up
}
