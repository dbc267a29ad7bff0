import type { TrainConfig } from './config.js';
import { seenClasses, type Dataset } from '../data/dataset.js';
import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Runtime } from '../runtime/types.js';
import { nextTurn } from '../utils/next-turn.js';
import type { Checkpoint } from './checkpoint-format.js';
import { emaDecayAt } from './ema-schedule.js';
import { RunFolderError, TrainingDivergedError } from './errors.js';
import { checkInitialWeights, type InitialWeights } from './initial-weights.js';
import { learningRateAt } from './learning-rate.js';
import { MetricsWindow } from './metrics-window.js';
import { modelFor } from './model-for-data.js';
import { initialState, stateBeginningWith, type TrainState } from './optimizer-session.js';
import { checkSameData, checkSameModel, checkSameRun } from './resume.js';
import type { RunStore } from './run-store.js';
import { TrainSession } from './train-session.js';
import { createBatchBuffers, trainingBatch } from './training-batch.js';

/** What a training run needs. */
export interface TrainingRun {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly folder: RunStore;
  /** Where to go on; absent: at the beginning. */
  readonly resume?: Checkpoint | undefined;
  /** What `config.initialWeights` names, loaded, for a run that begins; one that is resumed needs none. */
  readonly initialWeights?: InitialWeights | undefined;
  /** When aborted, the step at hand is finished, a checkpoint is written and the run stops. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens while training. Steps are 1-based: step k is the k-th update of the weights. */
export type TrainingEvent =
  | { readonly type: 'started'; readonly step: number; readonly parameters: number; readonly model: DenoiserConfig }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly loss: number;
      readonly learningRate: number;
      /** Wall time of the step: batch, noise, forward, backward, update. */
      readonly milliseconds: number;
    }
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'samples-due'; readonly step: number; readonly model: DenoiserConfig; readonly ema: Float32Array }
  | { readonly type: 'stopped'; readonly step: number; readonly reason: StopReason };

/** All steps taken; the signal was aborted; or the time given by `maxMinutes` was over. */
export type StopReason = 'finished' | 'interrupted' | 'time';

/**
 * Trains a diffusion model: the paper's Algorithm 1, one event after the other. Everything a step draws is a function of
 * (seed, step), so a run continued from a checkpoint computes to the bit what an uninterrupted one computes, given the same
 * device and threads.
 *
 * @throws TrainingDivergedError when the loss or the weights are no longer finite; the last checkpoint is kept
 * @throws WriteError when a checkpoint or the metrics cannot be written; the checkpoints before are kept
 * @throws RunFolderError when the folder has a checkpoint but none is to be resumed, or it is of other images
 * @throws ConfigError, CheckpointError when the checkpoint to resume is of another configuration or network, or the weights
 *   to begin with are of another network or missing
 * @throws DataError when the model cannot take images of this size
 */
export async function* train(run: TrainingRun): AsyncGenerator<TrainingEvent, void, void> {
  const { config, dataset, runtime, folder, resume, initialWeights, signal } = run;
  const model = modelFor(config, dataset);
  if (resume !== undefined) {
    checkSameRun(resume, config);
    checkSameData(resume, dataset);
    checkSameModel(resume, model);
  } else if (folder.hasCheckpoint) {
    throw new RunFolderError(
      `${folder.path}: there is a checkpoint in this folder, and the run would begin anew over it. ` +
        'Continue it (resume), or choose another folder.',
    );
  } else {
    checkInitialWeights(config, initialWeights, model);
  }
  const schedule = createNoiseSchedule(config.schedule, config.timesteps, config);
  const deadline = config.maxMinutes > 0 ? performance.now() + config.maxMinutes * 60_000 : Infinity;

  const session = await TrainSession.create(runtime, {
    model,
    batchSize: config.batchSize,
    loss: config.loss,
    huberDelta: config.huberDelta,
    weighted: config.lossWeighting !== 'constant',
    dropout: { probability: config.dropout, seed: config.seed },
    betas: [config.adamBeta1, config.adamBeta2],
    epsilon: config.adamEpsilon,
    weightDecay: config.weightDecay,
    gradientClip: config.gradientClip,
  });
  let step = resume?.step ?? 0;
  let savedStep = resume?.step;
  const metrics = folder.openMetrics(step);
  const window = new MetricsWindow(config.batchSize);
  const buffers = createBatchBuffers(config.batchSize * dataset.height * dataset.width);

  const diverged = (symptom: string): TrainingDivergedError =>
    new TrainingDivergedError(
      step,
      learningRateAt(config, step),
      symptom,
      savedStep === undefined
        ? 'No checkpoint had been written yet.'
        : `The checkpoint of step ${savedStep} is kept in ${folder.path}.`,
    );
  /** A finite loss can still be followed by an update that is not: such weights are neither saved nor sampled from. */
  const finiteState = async (): Promise<TrainState> => {
    const state = await session.readState();
    if (!isFiniteState(state)) throw diverged('the weights are no longer finite numbers');
    return state;
  };
  const save = async (): Promise<void> => {
    const state = await finiteState();
    metrics.flush();
    await folder.writeCheckpoint({
      step,
      config,
      model,
      data: { source: dataset.source, sha256: dataset.sha256, seenClasses: seenClasses(dataset) },
      state,
    });
    savedStep = step;
  };

  try {
    session.writeState(
      resume?.state ??
        (initialWeights ? stateBeginningWith(initialWeights.parameters) : initialState(session.layout, config.seed)),
    );
    yield { type: 'started', step, parameters: session.layout.size, model };
    if (resume === undefined && initialWeights !== undefined) {
      // Where they come from may change or go away before the run is resumed.
      await save();
      yield { type: 'checkpoint', step };
    }

    // 1: repeat
    while (step < config.steps) {
      step++;
      const begin = performance.now();
      const learningRate = learningRateAt(config, step);
      const emaDecay = emaDecayAt(config.emaDecay, step);
      // 2-5: x_0, c, t, ε, x_t
      const batch = trainingBatch(dataset, schedule, config, step, buffers);
      // 6-8: the loss ‖ε - ε_θ(x_t, t, c)‖, its gradient, and Adam's step along it
      const loss = await session.step(batch, { step, learningRate, emaDecay });
      if (!Number.isFinite(loss)) throw diverged(`the loss is ${loss}`);

      const milliseconds = performance.now() - begin;
      window.add(loss, milliseconds);
      yield { type: 'step', step, loss, learningRate, milliseconds };

      // A session's run blocks the event loop: without a turn of it here, Ctrl-C would never be noticed.
      await nextTurn();
      const stopping = step === config.steps || signal?.aborted === true || performance.now() >= deadline;
      const saving = stopping || step % config.checkpointEvery === 0;
      // A line before each checkpoint, so that no window spans one: a resumed run then logs the same means.
      if (saving || step % config.logEvery === 0) metrics.append(window.line(step, learningRate, emaDecay));
      if (saving) {
        await save();
        yield { type: 'checkpoint', step };
      }
      if (config.sampleEvery > 0 && step % config.sampleEvery === 0 && signal?.aborted !== true) {
        yield { type: 'samples-due', step, model, ema: (await finiteState()).ema };
      }
      if (stopping) break;
    }
    // 9: until converged, here: until the steps or the time are used up, or somebody asks to stop
    const reason: StopReason = step >= config.steps ? 'finished' : signal?.aborted === true ? 'interrupted' : 'time';
    yield { type: 'stopped', step, reason };
  } finally {
    metrics.close();
    await session.dispose();
  }
}

/** Infinities and NaN survive a sum in float64, in which as many float32 values as fit in memory cannot overflow. */
function isFiniteState({ parameters, ema, firstMoment, secondMoment }: TrainState): boolean {
  let sum = 0;
  for (const vector of [parameters, ema, firstMoment, secondMoment]) {
    for (let i = 0; i < vector.length; i++) sum += vector[i] as number;
  }
  return Number.isFinite(sum);
}
