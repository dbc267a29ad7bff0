import { denoiserParameters, type DenoiserConfig } from '../models/denoiser-network.js';
import { ConfigError } from '../utils/errors.js';
import { signature } from '../utils/arguments.js';
import { HeldResources } from '../utils/held-resources.js';
import { replicatedRun } from '../utils/training-shapes.js';
import type { Checkpoint } from './checkpoint-format.js';
import { divideImages } from './divide-images.js';
import { emaDecayAt } from './ema-schedule.js';
import { TrainingDivergedError } from './errors.js';
import { cycleStartOf, learningRateAt } from './learning-rate.js';
import { MeanState } from './mean-state.js';
import { MetricsWindow } from './metrics-window.js';
import { modelFor } from './model-for-data.js';
import { initialState, stateBeginningWith, type TrainState } from './optimizer-session.js';
import { outerStep } from './outer-step.js';
import { nextSync, replicasOf } from './replica-config.js';
import type { MetricsLog } from './run-store.js';
import { isDue } from './sample-schedule.js';
import {
  checkBeginning,
  checkValidation,
  describedData,
  isFiniteState,
  openMetrics,
  openValidationLoss,
  type StopReason,
  type TrainingEvent,
  type TrainingRun,
} from './training-run.js';
import { keptToneCurve, needsToneCurve } from './tone-curve-fit.js';
import { isWatchDue, watchCheckpoint } from './watch.js';

/** Steps that every replica takes from the same weights. */
export interface Round {
  /** The newest checkpoint of the store, with the weights to begin with. */
  readonly start: Checkpoint;
  /** The step after which the replicas are averaged. */
  readonly lastStep: number;
  /** Aborted to stop it. */
  readonly signal: AbortSignal;
}

/** A replica at the end of a round. */
export interface ReplicaResult {
  readonly state: TrainState;
  /** Of each step of the round. */
  readonly losses: readonly number[];
}

/** What a training of replicas needs. */
export interface ReplicatedRun extends Omit<TrainingRun, 'slice'> {
  /**
   * Has every replica take the steps of a round: `train` with `slice`, from the common weights with Adam's moments and the average
   * of the replica's own last round. The results, by replica, may be read one by one; undefined where the round was stopped.
   */
  readonly runRound: (round: Round) => Promise<Iterable<ReplicaResult> | undefined>;
}

/** What happens in a training of replicas: as in `train`, with rounds in place of steps. */
export type ReplicatedEvent =
  | Exclude<TrainingEvent, { readonly type: 'step' }>
  | {
      readonly type: 'averaged';
      readonly step: number;
      /** Mean over the steps of the round and the replicas. */
      readonly loss: number;
      /** Wall time of the round. */
      readonly milliseconds: number;
    };

const replicatedArguments = signature('trainReplicas', { run: replicatedRun });

/** The longest time that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Trains `config.replicas` replicas of a network, as local SGD with an outer optimizer (DiLoCo, Douillard et al. 2023): in each round
 * every replica takes `config.syncEvery` steps from the same weights, on batches of its own; then `outerStep` moves the weights
 * towards the replicas' mean. Adam's moments stay with their replica. So does the moving average, of its own weights; that of the
 * run is the mean of these, which is the moving average of the mean. The moments in the checkpoints of the store are means that
 * nothing reads.
 *
 * The weights are functions of the configuration: neither the order in which replicas train nor the place changes a bit of them, given
 * the same device and threads. What is due between two averages (validation, evaluation, samples) is due at the next one, and after
 * `maxMinutes` the round is stopped. The last round is shorter where `syncEvery` does not divide `steps`.
 *
 * @throws as `train` does; TrainingDivergedError when the averaged weights are no longer finite
 */
export async function* trainReplicas(run: ReplicatedRun): AsyncGenerator<ReplicatedEvent, void, void> {
  replicatedArguments({ run });
  const { config, dataset, runtime, store, resume, initialWeights, signal, evaluate, fitToneCurve, runRound } = run;
  const options = replicasOf(config);
  const model = modelFor(config, dataset);
  checkBeginning(run, model);
  if (resume !== undefined && resume.outerMomentum === undefined) {
    throw new ConfigError('The run to resume was not trained as replicas. Start a new run for that.');
  }
  const { training, validation } = divideImages(dataset, config, run.validation);
  if (validation !== undefined) checkValidation(validation, dataset);
  const { maxMinutes, steps } = config;
  const limit = maxMinutes > 0 ? [AbortSignal.timeout(Math.min(LONGEST_MS, maxMinutes * 60_000))] : [];
  const stop = AbortSignal.any([...(signal ? [signal] : []), ...limit]);
  const isStopped = (): boolean => stop.aborted;
  const stopReason = (): StopReason => {
    if (current.step >= steps && !lacksCurve()) return 'finished';
    return signal?.aborted === true ? 'interrupted' : 'time';
  };

  const data = describedData(model, dataset, training, validation);
  const cycleStart = cycleStartOf(resume, config);
  const fixed = { config, model, data, cycleStart };
  let current: Checkpoint =
    resume === undefined
      ? { ...fixed, step: 0, ...beginning(model, config.seed, initialWeights?.parameters) }
      : { ...resume, config, toneCurve: keptToneCurve(resume, config) };
  /** The step of the average before that of the present one. */
  let since = Math.floor((current.step - 1) / options.syncEvery) * options.syncEvery;

  const held = new HeldResources();
  const watching = { validation: await openValidationLoss(held, run, model, validation), evaluate };
  const metrics = await openMetrics(held, run);
  const lacksCurve = (): boolean => needsToneCurve(current);
  /** Writes the checkpoint at hand; after the last step once more, with its tone curve. */
  const save = async function* (): AsyncGenerator<ReplicatedEvent, void, void> {
    await store.writeCheckpoint(current);
    yield { type: 'checkpoint', step: current.step };
    if (fitToneCurve === undefined || !lacksCurve() || isStopped()) return;
    const { step, state } = current;
    const fit = { step, config, model, parameters: state.ema, images: training, runtime, signal: stop };
    const toneCurve = yield* fitToneCurve(fit);
    if (toneCurve === undefined) return;
    current = { ...current, toneCurve };
    await store.writeCheckpoint(current);
    yield { type: 'checkpoint', step };
  };

  try {
    const { size } = denoiserParameters(model);
    yield { type: 'started', step: current.step, parameters: size, model, cycleStart };
    const isChanged = lacksCurve() || current.toneCurve !== resume?.toneCurve;
    if (resume === undefined || (isChanged && !isStopped())) yield* save();
    const watchWeights = async (): Promise<ReplicatedEvent | undefined> => {
      const { step } = current;
      if (isStopped() || metrics.watchedStep === step || !isWatchDue(config, step, watching, since)) return undefined;
      return await watchCheckpoint(current, watching, store, metrics, since);
    };
    const missed = await watchWeights();
    if (missed) yield missed;

    while (current.step < steps && !isStopped()) {
      const lastStep = nextSync({ steps, ...options }, current.step);
      const begin = performance.now();
      const results = await runRound({ start: current, lastStep, signal: stop });
      if (results === undefined) break;
      const milliseconds = performance.now() - begin;
      const { losses, ...average } = averaged(current, results, options);
      if (!isFiniteState(average.state)) {
        throw new TrainingDivergedError(
          lastStep,
          learningRateAt(config, lastStep, cycleStart),
          'the average of the replicas is no longer finite numbers',
          `The checkpoint of step ${current.step} is kept in ${store.path}.`,
        );
      }
      since = current.step;
      current = { ...fixed, step: lastStep, ...average };
      log(metrics, { losses, milliseconds, since }, current);
      metrics.flush();
      const loss = losses.reduce((sum, each) => sum + each, 0) / losses.length;
      yield { type: 'averaged', step: lastStep, loss, milliseconds };
      yield* save();
      const watched = await watchWeights();
      if (watched) yield watched;
      if (isDue(config, lastStep, since) && !isStopped()) {
        yield { type: 'samples-due', step: lastStep, model, ema: current.state.ema };
      }
    }
    yield { type: 'stopped', step: current.step, reason: stopReason() };
  } finally {
    await held.release();
  }
}

type Averaged = Required<Pick<Checkpoint, 'state' | 'outerMomentum'>>;

function beginning(model: DenoiserConfig, seed: number, weights: Float32Array | undefined): Averaged {
  const layout = denoiserParameters(model);
  const state = weights === undefined ? initialState(layout, seed) : stateBeginningWith(weights);
  return { state, outerMomentum: new Float32Array(layout.size) };
}

/** The weights after a round, and the mean loss of each of its steps. */
function averaged(
  { state: { parameters }, outerMomentum: momentum = new Float32Array(parameters.length) }: Checkpoint,
  results: Iterable<ReplicaResult>,
  options: ReturnType<typeof replicasOf>,
): Averaged & { readonly losses: readonly number[] } {
  const mean = new MeanState(parameters.length);
  const losses: number[] = [];
  for (const result of results) {
    mean.add(result.state);
    result.losses.forEach((loss, i) => (losses[i] = (losses[i] ?? 0) + loss / options.replicas));
  }
  const next = outerStep({ parameters, momentum }, mean.of('parameters'), options);
  const float32 = (name: keyof TrainState): Float32Array => Float32Array.from(mean.of(name));
  return {
    state: {
      parameters: next.parameters,
      ema: float32('ema'),
      firstMoment: float32('firstMoment'),
      secondMoment: float32('secondMoment'),
    },
    outerMomentum: next.momentum,
    losses,
  };
}

/** Adds the lines of a round. */
function log(
  metrics: MetricsLog,
  round: { readonly losses: readonly number[]; readonly milliseconds: number; readonly since: number },
  { config, cycleStart, step: lastStep }: Checkpoint,
): void {
  const { losses, milliseconds, since } = round;
  const { batchSize, replicas = 1, logEvery, emaDecay } = config;
  const window = new MetricsWindow(batchSize * replicas);
  losses.forEach((loss, i) => {
    const step = since + i + 1;
    window.add(loss, milliseconds / losses.length);
    if (step % logEvery !== 0 && step !== lastStep) return;
    const learningRate = learningRateAt(config, step, cycleStart);
    metrics.append(window.line({ step, learningRate, emaDecay: emaDecayAt(emaDecay, step) }));
  });
}
