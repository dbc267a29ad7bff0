import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Checkpoint, WeightSelection } from './checkpoint-format.js';
import type { TrainConfig } from './config.js';
import type { WatchedLine } from './metrics-window.js';
import type { MetricsLog, RunStore } from './run-store.js';
import { isEvery } from './sample-schedule.js';
import type { ValidationLoss } from './validation-loss.js';

/** Weights that are looked at while a run goes on. */
export interface WatchedWeights {
  readonly step: number;
  readonly model: DenoiserConfig;
  /** The averaged weights. */
  readonly ema: Float32Array;
}

/** What a small evaluation found. */
export interface SmallEvaluation {
  /** By their names in receipts. */
  readonly scores: Readonly<Record<string, number>>;
  /** The one that the best weights are chosen by; lower is better. */
  readonly selection: WeightSelection;
}

/** Scores images drawn from weights; undefined where the run was stopped meanwhile. */
export type Evaluate = (weights: WatchedWeights) => Promise<SmallEvaluation | undefined>;

/** How weights are looked at. */
export interface Watching {
  readonly validation: ValidationLoss | undefined;
  readonly evaluate: Evaluate | undefined;
}

type WatchConfig = Pick<TrainConfig, 'validateEvery' | 'evaluateEvery'>;

/** What is due after a step. @param since the step after which that was asked before */
function dueAt(
  { validateEvery, evaluateEvery }: WatchConfig,
  step: number,
  { validation, evaluate }: Watching,
  since?: number,
): Watching {
  return {
    validation: isEvery(validateEvery, step, since) ? validation : undefined,
    evaluate: isEvery(evaluateEvery, step, since) ? evaluate : undefined,
  };
}

/** Whether anything is. */
export function isWatchDue(config: WatchConfig, step: number, watching: Watching, since?: number): boolean {
  const { validation, evaluate } = dueAt(config, step, watching, since);
  return validation !== undefined || evaluate !== undefined;
}

/** What was found out about weights, and what they are compared with others by. */
export interface Watched {
  readonly line: WatchedLine;
  /** Absent at steps without an evaluation, in a run that has evaluations. */
  readonly selection: WeightSelection | undefined;
}

/**
 * Looks at weights: validation loss and scores, as they are due. The best ones are chosen by the evaluation, in a run without
 * evaluations by the validation loss.
 *
 * @returns undefined where the run was stopped meanwhile
 */
export async function watch(
  config: WatchConfig,
  weights: WatchedWeights,
  watching: Watching,
  since?: number,
): Promise<Watched | undefined> {
  const { step, ema } = weights;
  const { validation, evaluate } = dueAt(config, step, watching, since);
  const validationLoss = await validation?.of(ema);
  const evaluation = await evaluate?.(weights);
  if (evaluate !== undefined && evaluation === undefined) return undefined;
  const byLoss =
    validationLoss === undefined || config.evaluateEvery > 0
      ? undefined
      : { metric: 'validationLoss', value: validationLoss };
  return {
    line: {
      step,
      ...(validationLoss === undefined ? {} : { validationLoss }),
      ...(evaluation === undefined ? {} : { scores: evaluation.scores }),
    },
    selection: evaluation?.selection ?? byLoss,
  };
}

/** Weights that were looked at, as an event of a training. */
export interface WatchedEvent {
  readonly type: 'watched';
  readonly step: number;
  /** Of the averaged weights on the validation images. */
  readonly validationLoss?: number;
  /** Of a small evaluation, by their names in receipts. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Given where these are the best weights so far: what they were chosen by. */
  readonly best?: WeightSelection;
}

/**
 * Looks at the averaged weights of a checkpoint, as `watch` does, and keeps what it finds: a line of the metrics, and the checkpoint
 * where its weights are the best so far.
 *
 * @returns undefined where the run was stopped meanwhile
 */
export async function watchCheckpoint(
  checkpoint: Checkpoint,
  watching: Watching,
  { best }: RunStore,
  metrics: MetricsLog,
  since?: number,
): Promise<WatchedEvent | undefined> {
  const { step, model, config, state } = checkpoint;
  const watched = await watch(config, { step, model, ema: state.ema }, watching, since);
  if (watched === undefined) return undefined;
  const { line, selection } = watched;
  const isBest = best !== undefined && selection !== undefined && isBetter({ step, selection }, best.read());
  // Before the line: where it is there, so are the best weights.
  if (isBest) await best.write({ ...checkpoint, selection });
  metrics.append(line);
  return { type: 'watched', ...line, ...(isBest && { best: selection }) };
}

/**
 * Whether weights replace the best ones so far. Those of the same step do, to be the same as in a run that was not interrupted;
 * those chosen by another metric, or of another number of samples, do not compare.
 */
export function isBetter(
  found: { readonly step: number; readonly selection: WeightSelection },
  best: { readonly step: number; readonly selection: WeightSelection } | undefined,
): boolean {
  if (best?.selection.metric !== found.selection.metric || best.selection.samples !== found.selection.samples)
    return true;
  return best.step === found.step || found.selection.value < best.selection.value;
}
