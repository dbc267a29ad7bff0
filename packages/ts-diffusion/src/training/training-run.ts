import type { TrainConfig } from './config.js';
import { type TrainingImages } from '../data/dataset.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Runtime } from '../runtime/types.js';
import { nextTurn } from '../utils/next-turn.js';
import type { Checkpoint, TrainingData } from './checkpoint-format.js';
import { RunFolderError, TrainingDivergedError } from './errors.js';
import { checkInitialWeights, type InitialWeights } from './initial-weights.js';
import { cycleStartOf, learningRateAt } from './learning-rate.js';
import { MetricsWindow } from './metrics-window.js';
import { learntClasses, modelFor } from './model-for-data.js';
import { initialState, stateBeginningWith, type TrainState } from './optimizer-session.js';
import { checkSameData, checkSameModel, checkSameRun } from './resume.js';
import type { MetricsLog, RunStore } from './run-store.js';
import { divideImages } from './divide-images.js';
import { isDue } from './sample-schedule.js';
import { TrainSession } from './train-session.js';
import { type FitToneCurve, keptToneCurve, needsToneCurve, type ToneCurveEvent } from './tone-curve-fit.js';
import { updates, type Update } from './trainer.js';
import { ValidationLoss } from './validation-loss.js';
import { isWatchDue, watchCheckpoint, type Evaluate, type WatchedEvent } from './watch.js';
import { ConfigError, DataError } from '../utils/errors.js';
import { signature } from '../utils/arguments.js';
import { HeldResources } from '../utils/held-resources.js';
import { trainingRun } from '../utils/training-shapes.js';

/** What a training run needs. */
export interface TrainingRun {
  readonly config: TrainConfig;
  readonly dataset: TrainingImages;
  readonly runtime: Runtime;
  /** Where metrics and checkpoints are kept. */
  readonly store: RunStore;
  /** Where to go on; absent: at the beginning. */
  readonly resume?: Checkpoint | undefined;
  /** What `config.initialWeights` names, loaded, for a run that begins; one that is resumed needs none. */
  readonly initialWeights?: InitialWeights | undefined;
  /** The data set's own validation images, used where `config.validation` does not say otherwise. */
  readonly validation?: TrainingImages | undefined;
  /** What `config.evaluateEvery` asks for. */
  readonly evaluate?: Evaluate | undefined;
  /** What `config.toneCurve` asks for. */
  readonly fitToneCurve?: FitToneCurve | undefined;
  /** Given for a part of a training of replicas; see `trainReplicas`. */
  readonly slice?: Slice | undefined;
  /** When aborted, the step at hand is finished, a checkpoint is written and the run stops. */
  readonly signal?: AbortSignal | undefined;
}

/** Steps of one of `config.replicas` replicas, up to the next average. */
export interface Slice {
  /** 1-based. */
  readonly replica: number;
  /** The training is finished after this step. */
  readonly lastStep: number;
}

/** What happens while training. Steps are 1-based: step k is the k-th update of the weights. */
export type TrainingEvent =
  | {
      readonly type: 'started';
      readonly step: number;
      readonly parameters: number;
      readonly model: DenoiserConfig;
      /** Steps after which the learning rate's present cycle began; see `cycleStartOf`. */
      readonly cycleStart: number;
    }
  | ({ readonly type: 'step' } & Pick<Update, 'step' | 'loss' | 'learningRate' | 'milliseconds'>)
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'samples-due'; readonly step: number; readonly model: DenoiserConfig; readonly ema: Float32Array }
  | WatchedEvent
  | ToneCurveEvent
  | { readonly type: 'stopped'; readonly step: number; readonly reason: StopReason };

/** All steps taken, and the tone curve fitted; the signal was aborted; or the time given by `maxMinutes` was over. */
export type StopReason = 'finished' | 'interrupted' | 'time';

const trainArguments = signature('train', { run: trainingRun });

/**
 * Trains a diffusion model by the paper's Algorithm 1 (`updates`) and keeps metrics and checkpoints in a store. A run continued
 * from a checkpoint computes to the bit what an uninterrupted one computes, given the same device, threads and steps.
 *
 * The checkpoint of a step is written before its samples are due, and the next step is taken after them: samples that a kill
 * or the signal prevented are due for the very weights of the newest checkpoint, or are due again on the way.
 *
 * The averaged weights are looked at (`watch`) after the checkpoint too. That reads them and changes nothing: the weights of a run that
 * is watched are those of one that is not, trained on the same images.
 *
 * @throws TrainingDivergedError when the loss or the weights are no longer finite; the last checkpoint is kept
 * @throws WriteError when a checkpoint or the metrics cannot be written; the checkpoints before are kept
 * @throws RunFolderError when the store has a checkpoint but none is to be resumed, it is of other images, or another process
 *   has taken its lock over
 * @throws ConfigError, CheckpointError when the checkpoint to resume is of another configuration or network, or the weights
 *   to begin with are of another network or missing
 * @throws DataError when the model cannot take images of this size, or there are too few to hold some out
 */
export async function* train(run: TrainingRun): AsyncGenerator<TrainingEvent, void, void> {
  trainArguments({ run });
  const { config, dataset, runtime, store, resume, initialWeights, signal, evaluate, fitToneCurve, slice } = run;
  if (config.replicas !== undefined && slice === undefined) {
    throw new ConfigError(
      '"replicas" is set, but train() trains one network. Use trainReplicas(), or the command diffusion train.',
    );
  }
  const model = modelFor(config, dataset);
  checkBeginning(run, model);
  const { training, validation } = divideImages(dataset, config, run.validation);
  if (validation !== undefined) checkValidation(validation, dataset);
  const cycleStart = cycleStartOf(resume, config);
  const lastStep = slice?.lastStep ?? config.steps;
  const deadline = config.maxMinutes > 0 ? performance.now() + config.maxMinutes * 60_000 : Infinity;
  const data = describedData(model, dataset, training, validation);
  const held = new HeldResources();
  const session = await held.open(
    () => createSession(runtime, config, model),
    (each) => each.dispose(),
  );
  const watching = { validation: await openValidationLoss(held, run, model, validation), evaluate };
  const metrics = await openMetrics(held, run);
  const window = new MetricsWindow(config.batchSize);
  let update: Update | undefined;
  let step = resume?.step ?? 0;
  let savedStep = resume?.step;
  let toneCurve = step >= config.steps ? keptToneCurve(resume, config) : undefined;

  const diverged = (symptom: string): TrainingDivergedError =>
    new TrainingDivergedError(
      step,
      learningRateAt(config, step, cycleStart),
      symptom,
      savedStep === undefined
        ? 'No checkpoint had been written yet.'
        : `The checkpoint of step ${savedStep} is kept in ${store.path}.`,
    );
  /** A finite loss can still be followed by an update that is not: such weights are neither saved nor sampled from. */
  const finiteState = async (): Promise<TrainState> => {
    const state = await session.readState();
    if (!isFiniteState(state)) throw diverged('the weights are no longer finite numbers');
    return state;
  };
  const log = (): void => {
    if (update !== undefined && !window.isEmpty) metrics.append(window.line(update));
  };
  const lacksCurve = (): boolean => slice === undefined && needsToneCurve({ step, config, toneCurve });
  const save = async function* (): AsyncGenerator<TrainingEvent, void, void> {
    // A line before each checkpoint, so that no window spans one: a resumed run then logs the same means.
    log();
    const state = await finiteState();
    metrics.flush();
    const checkpoint = { step, config, model, data, state, cycleStart };
    // Before the curve, which takes minutes: a kill in the middle loses no step.
    await store.writeCheckpoint({ ...checkpoint, toneCurve });
    savedStep = step;
    yield { type: 'checkpoint', step };
    if (fitToneCurve === undefined || !lacksCurve() || interrupted()) return;
    toneCurve = yield* fitToneCurve({ step, config, model, parameters: state.ema, images: training, runtime, signal });
    if (toneCurve === undefined) return;
    await store.writeCheckpoint({ ...checkpoint, toneCurve });
    yield { type: 'checkpoint', step };
  };
  /** Undefined where the signal came meanwhile: the weights are then looked at when the run is resumed. */
  const watchWeights = async (): Promise<TrainingEvent | undefined> => {
    const checkpoint = { step, config, model, data, state: await finiteState(), cycleStart, toneCurve };
    return await watchCheckpoint(checkpoint, watching, store, metrics);
  };
  const interrupted = (): boolean => signal?.aborted === true;
  const stopReason = (): StopReason | undefined => {
    if (step >= lastStep) return lacksCurve() ? 'interrupted' : 'finished';
    if (interrupted()) return 'interrupted';
    return performance.now() >= deadline ? 'time' : undefined;
  };

  try {
    session.writeState(
      resume?.state ??
        (initialWeights ? stateBeginningWith(initialWeights.parameters) : initialState(session.layout, config.seed)),
    );
    yield { type: 'started', step, parameters: session.layout.size, model, cycleStart };
    // Where they come from may change or go away before the run is resumed.
    if (resume === undefined && initialWeights !== undefined) yield* save();

    if (isWatchDue(config, step, watching) && metrics.watchedStep !== step && !interrupted()) {
      const event = await watchWeights();
      if (event) yield event;
    }

    if (step < lastStep && !interrupted()) {
      for await (update of updates(session, training, config, { step, cycleStart }, slice?.replica)) {
        const { loss, learningRate, milliseconds } = update;
        step = update.step;
        if (!Number.isFinite(loss)) throw diverged(`the loss is ${loss}`);
        window.add(loss, milliseconds);
        yield { type: 'step', step, loss, learningRate, milliseconds };

        // A session's run blocks the event loop: without a turn of it here, Ctrl-C would never be noticed.
        await nextTurn();
        const isWatched = isWatchDue(config, step, watching);
        if (step % config.logEvery === 0 || isWatched) log();
        if (stopReason() !== undefined || step % config.checkpointEvery === 0) yield* save();
        if (isWatched && !interrupted()) {
          const event = await watchWeights();
          if (event) yield event;
        }
        if (isDue(config, step) && !interrupted()) {
          yield { type: 'samples-due', step, model, ema: (await finiteState()).ema };
        }
        if (stopReason() !== undefined) break;
      }
      // The signal, or the deadline, may have come while samples were drawn.
      if (savedStep !== step) yield* save();
    } else if ((lacksCurve() || toneCurve !== resume?.toneCurve) && !interrupted()) yield* save();
    yield { type: 'stopped', step, reason: stopReason() ?? 'interrupted' };
  } finally {
    await held.release();
  }
}

/** The loss on the validation images, until the run ends; undefined where it is not asked for. */
export async function openValidationLoss(
  held: HeldResources,
  { config, runtime }: Pick<TrainingRun, 'config' | 'runtime'>,
  model: DenoiserConfig,
  validation: TrainingImages | undefined,
): Promise<ValidationLoss | undefined> {
  if (validation === undefined || config.validateEvery === 0) return undefined;
  return await held.open(
    () => ValidationLoss.create(runtime, config, model, validation),
    (each) => each.dispose(),
  );
}

/** The metrics of the store, until the run ends. */
export async function openMetrics(
  held: HeldResources,
  { config, store, resume }: Pick<TrainingRun, 'config' | 'store' | 'resume'>,
): Promise<MetricsLog> {
  const eventsMissing = resume?.config.tensorboard === false;
  return await held.open(
    () => store.openMetrics(resume?.step ?? 0, { tensorboard: config.tensorboard, eventsMissing }),
    (each) => {
      each.close();
    },
  );
}

/** Makes sure that the run may begin, or go on, where it is asked to. */
export function checkBeginning(run: Omit<TrainingRun, 'runtime'>, model: DenoiserConfig): void {
  const { config, dataset, store, resume, initialWeights, evaluate, fitToneCurve, slice } = run;
  if (config.toneCurve > 0 && fitToneCurve === undefined && slice === undefined) {
    throw new ConfigError(
      `"toneCurve" is ${config.toneCurve}, but this training was given nothing to draw with. Set it to 0, or use train of ts-diffusion/train.`,
    );
  }
  if (config.evaluateEvery > 0 && evaluate === undefined) {
    throw new ConfigError(
      `"evaluateEvery" is ${config.evaluateEvery}, but this training was given nothing to evaluate with. Set it to 0, or train with ` +
        'the command diffusion train.',
    );
  }
  if (resume !== undefined) {
    checkSameRun(resume, config);
    checkSameData(resume, dataset);
    checkSameModel(resume, model);
  } else if (store.hasCheckpoint) {
    throw new RunFolderError(
      `${store.path}: this folder already has a checkpoint, which a new run would overwrite. ` +
        'Resume the run, or choose another folder.',
    );
  } else {
    checkInitialWeights(config, initialWeights, model);
  }
}

/** @throws DataError for images of another size or of other classes */
export function checkValidation(validation: TrainingImages, dataset: TrainingImages): void {
  const describe = ({ height, width, channels = 1, classNames }: TrainingImages, classes = ''): string =>
    `${height}x${width} pixels in ${channels} ${channels === 1 ? 'channel' : 'channels'}` +
    (classNames === undefined ? classes : ` and the classes ${classNames.join(', ')}`);
  if (describe(validation) === describe(dataset) && validation.classes <= dataset.classes) return;
  const [found, expected] = [validation, dataset].map((each) => describe(each, ` and ${each.classes} classes`));
  throw new DataError(
    `${validation.source}: validation images of ${found}; those to train on are of ${expected}. ` +
      'Make them the same, or set --validation 0',
  );
}

export function describedData(
  model: DenoiserConfig,
  dataset: TrainingImages,
  training: TrainingImages,
  validation: TrainingImages | undefined,
): TrainingData {
  const { source, sha256 } = dataset;
  return {
    source,
    sha256,
    ...learntClasses(model, training),
    ...(validation && { validation: { count: validation.count, source: validation.source } }),
  };
}

function createSession(runtime: Runtime, config: TrainConfig, model: DenoiserConfig): Promise<TrainSession> {
  return TrainSession.create(runtime, {
    model,
    batchSize: config.batchSize,
    loss: config.loss,
    huberDelta: config.huberDelta,
    weighted: config.lossWeighting !== 'constant',
    dropout: { probability: config.dropout, seed: config.seed },
    optimizer: config.optimizer,
    betas: [config.adamBeta1, config.adamBeta2],
    epsilon: config.adamEpsilon,
    weightDecay: config.weightDecay,
    gradientClip: config.gradientClip,
  });
}

/** Infinities and NaN survive a sum in float64, in which as many float32 values as fit in memory cannot overflow. */
export function isFiniteState({ parameters, ema, firstMoment, secondMoment }: TrainState): boolean {
  let sum = 0;
  for (const vector of [parameters, ema, firstMoment, secondMoment]) {
    for (let i = 0; i < vector.length; i++) sum += vector[i] as number;
  }
  return Number.isFinite(sum);
}
