import type { ModernUNetConfig } from '../models/modern-unet.js';
import type { PipelineModel } from '../pipeline/pipeline-model.js';
import { weightsHash } from '../pipeline/weights-hash.js';
import type { Runtime } from '../runtime/types.js';
import { emaDecayAt } from '../training/ema-schedule.js';
import { RunFolderError, TrainingDivergedError } from '../training/errors.js';
import { MetricsWindow } from '../training/metrics-window.js';
import type { MetricsLog } from '../training/run-store.js';
import { isFiniteState } from '../training/training-run.js';
import { CheckpointError, ConfigError } from '../utils/errors.js';
import { signature } from '../utils/arguments.js';
import { HeldResources } from '../utils/held-resources.js';
import { distillRun } from '../utils/training-shapes.js';
import { nextTurn } from '../utils/next-turn.js';
import type { DistillCheckpoint } from './distill-checkpoint.js';
import type { DistillConfig } from './distill-config.js';
import { Distiller, type DistillState, type DistillUpdate } from './distiller.js';
import { studentModel } from './student-model.js';

/** Where a distillation is kept. */
export interface DistillStore {
  /** What to call it in messages. */
  readonly path: string;
  readonly hasCheckpoint: boolean;
  openMetrics(step: number): MetricsLog;
  /** Keeps a checkpoint, and its student as a model of its own. */
  writeCheckpoint(checkpoint: DistillCheckpoint, student: PipelineModel): void | Promise<void>;
}

/** What a distillation needs. */
export interface DistillRun {
  readonly config: DistillConfig;
  /** What `config.model` names, loaded. */
  readonly teacher: PipelineModel;
  readonly runtime: Runtime;
  readonly store: DistillStore;
  /** Where to go on; absent: at the beginning. */
  readonly resume?: DistillCheckpoint | undefined;
  /** When aborted, the update at hand is finished, a checkpoint is written and the run stops. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens in a distillation. */
export type DistillEvent =
  | { readonly type: 'started'; readonly step: number; readonly parameters: number }
  /** The teacher draws what the regression needs. */
  | { readonly type: 'teacher'; readonly images: number }
  | ({ readonly type: 'step' } & DistillUpdate)
  | { readonly type: 'checkpoint'; readonly step: number }
  | { readonly type: 'samples-due'; readonly step: number; readonly student: PipelineModel }
  | { readonly type: 'stopped'; readonly step: number; readonly reason: 'finished' | 'interrupted' };

const distillArguments = signature('distill', { run: distillRun });

/** Fields that say nothing about what an update computes. */
const changeable: readonly string[] = [
  'updates',
  'decayUpdates',
  'device',
  'threads',
  'logEvery',
  'checkpointEvery',
  'sampleEvery',
  'samplesPerClass',
];

/**
 * Distills a model into a student that draws in few evaluations (`Distiller`) and keeps metrics and checkpoints in a store. A run
 * continued from a checkpoint computes to the bit what an uninterrupted one computes, given the same device and threads.
 *
 * @throws ConfigError for a teacher that cannot be distilled, and for a resumed run of another configuration
 * @throws CheckpointError where a resumed run had another teacher
 * @throws RunFolderError where the store has a checkpoint that is not to be resumed
 * @throws TrainingDivergedError when losses or weights are no longer finite; the last checkpoint is kept
 */
export async function* distill(run: DistillRun): AsyncGenerator<DistillEvent, void, void> {
  distillArguments({ run });
  const { config, teacher, runtime, store, resume, signal } = run;
  const fingerprint = weightsHash(teacher);
  checkBeginning(run, fingerprint);
  let step = resume?.step ?? 0;
  let savedStep = resume?.step;
  let update: DistillUpdate | undefined;
  const held = new HeldResources();
  const distiller = await held.open(
    () => Distiller.create(runtime, teacher, config),
    (each) => each.dispose(),
  );
  const metrics = await held.open(
    () => store.openMetrics(step),
    (each) => {
      each.close();
    },
  );
  const model: ModernUNetConfig = distiller.network;
  const window = new MetricsWindow(config.batchSize);
  const interrupted = (): boolean => signal?.aborted === true;
  const diverged = (symptom: string): TrainingDivergedError =>
    new TrainingDivergedError(
      step,
      update?.learningRate ?? config.learningRate,
      symptom,
      savedStep === undefined
        ? 'No checkpoint had been written yet.'
        : `The checkpoint of step ${savedStep} is kept in ${store.path}.`,
    );
  const log = (): void => {
    if (update === undefined || window.isEmpty) return;
    metrics.append(window.line({ ...update, emaDecay: emaDecayAt(config.emaDecay, update.step) }));
  };
  const student = (parameters: Float32Array): PipelineModel => studentModel(teacher, { model, parameters }, config);
  const finiteState = async (): Promise<DistillState> => {
    const state = await distiller.readState();
    if (isFiniteState(state.student) && isFiniteState(state.fake)) return state;
    throw diverged('the weights are no longer finite numbers');
  };
  const save = async (): Promise<DistillEvent> => {
    log();
    const state = await finiteState();
    metrics.flush();
    await store.writeCheckpoint({ step, config, model, teacher: fingerprint, state }, student(state.student.ema));
    savedStep = step;
    return { type: 'checkpoint', step };
  };

  try {
    distiller.begin(resume?.state);
    yield { type: 'started', step, parameters: distiller.size };
    if (step < config.regressionUpdates && !interrupted()) {
      let shown = 0;
      for await (const images of distiller.prepare(signal)) {
        if (images > shown) yield { type: 'teacher', images: (shown = images) };
        await nextTurn();
      }
    }
    while (step < config.updates && !interrupted()) {
      update = await distiller.update(step + 1);
      step++;
      const { loss, fakeLoss = 0, milliseconds } = update;
      if (!Number.isFinite(loss + fakeLoss)) throw diverged(`the loss is ${loss}`);
      window.add(loss, milliseconds);
      yield { type: 'step', ...update };
      // A session's run blocks the event loop: without a turn of it here, Ctrl-C would never be noticed.
      await nextTurn();
      if (step % config.logEvery === 0) log();
      if (step % config.checkpointEvery === 0 || step === config.updates || interrupted()) yield await save();
      const { sampleEvery } = config;
      if (sampleEvery > 0 && (step % sampleEvery === 0 || step === config.updates) && !interrupted()) {
        yield { type: 'samples-due', step, student: student((await finiteState()).student.ema) };
      }
    }
    if (savedStep !== step && step > 0) yield await save();
    yield { type: 'stopped', step, reason: step >= config.updates ? 'finished' : 'interrupted' };
  } finally {
    await held.release();
  }
}

function checkBeginning({ config, store, resume }: DistillRun, fingerprint: string): void {
  if (resume === undefined) {
    if (!store.hasCheckpoint) return;
    throw new RunFolderError(
      `${store.path}: this folder already has a checkpoint, which a new run would overwrite. ` +
        'Resume the run, or choose another folder.',
    );
  }
  const before: Readonly<Record<string, unknown>> = resume.config;
  const changed = Object.entries(config).find(
    ([name, value]) => !changeable.includes(name) && JSON.stringify(before[name]) !== JSON.stringify(value),
  );
  if (changed !== undefined) {
    throw new ConfigError(
      `"${changed[0]}" is ${JSON.stringify(changed[1])}, but the run to resume had ${JSON.stringify(before[changed[0]])}; ` +
        'it decides what is computed. Leave it as it was, or begin another run.',
    );
  }
  if (config.updates < resume.step) {
    throw new ConfigError(`"updates" is ${config.updates}, but the run to resume has already taken ${resume.step}.`);
  }
  const isOtherEnd = resume.config.updates !== config.updates || resume.config.decayUpdates !== config.decayUpdates;
  if (isOtherEnd && resume.step > Math.min(decayBegin(resume.config), decayBegin(config))) {
    throw new ConfigError(
      `"updates" and "decayUpdates" cannot be changed after ${resume.step} updates: the learning rate has begun to fall, or would have.`,
    );
  }
  if (resume.teacher !== fingerprint) {
    throw new CheckpointError(
      `The weights of the teacher, ${JSON.stringify(config.model)}, are not those that this run began with. Give them back, or begin another run.`,
    );
  }
}

/** After how many updates the learning rate begins to fall. */
function decayBegin({ updates, decayUpdates }: DistillConfig): number {
  return decayUpdates === 0 ? Infinity : updates - decayUpdates;
}
