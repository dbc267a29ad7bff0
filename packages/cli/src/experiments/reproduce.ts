import type { Runtime } from 'ts-diffusion';
import { type Dataset, nextTurn } from 'ts-diffusion/data';
import {
  describeMachine,
  type EvaluationCache,
  type EvaluationNetworks,
  ImageScorer,
  imagesOfDataset,
  type InceptionFeatures,
} from 'ts-diffusion/evaluation';

import { cellCommand } from './commands.js';
import type { Budget } from './budget.js';
import { baseSetting, cellOf, studyCells, type Cell, type SamplesPlan, type Study, type TrainingPlan } from './plan.js';
import { protocols } from './protocol.js';
import { drawSamples, isDrawn } from './sample-stage.js';
import { scoreCell, type Scoring } from './score-stage.js';
import { drawStrip } from './strip-stage.js';
import type { StudyFolder } from './study-folder.js';
import { stepsTaken, trainingConfig, trainModel } from './train-stage.js';

/** Backward costs about twice as much as forward. */
const TRAINING_COST = 3;

/** What a study needs. */
export interface StudyRun {
  readonly study: Study;
  readonly folder: StudyFolder;
  readonly training: Dataset;
  readonly test: Dataset;
  readonly runtime: Runtime;
  readonly networks: EvaluationNetworks;
  readonly cache: EvaluationCache;
  readonly inception?: InceptionFeatures | undefined;
  /** Name and version of this program, for receipts. */
  readonly program: string;
  readonly signal: AbortSignal;
}

/** What happens during a study. Work is counted in images that the network has seen forwards. */
export type StudyEvent =
  | { readonly type: 'stage'; readonly text: string }
  | { readonly type: 'progress'; readonly done: number; readonly total: number; readonly detail: string }
  | { readonly type: 'finished' }
  | { readonly type: 'interrupted' };

/**
 * Trains, draws and scores whatever is missing in the folder of the study, model after model. Everything is kept as soon as
 * it is there.
 */
export async function* reproduce(run: StudyRun): AsyncGenerator<StudyEvent, void, void> {
  const { study, folder, runtime, signal } = run;
  const cells = studyCells(study);
  const missing = cells.filter((cell) => !folder.isDone(cell));
  yield { type: 'stage', text: `${cells.length} cells, ${missing.length} not done yet` };
  const models = [...new Set(missing.map(({ samples }) => samples.training.id))];
  const tasks = models.map((id) =>
    taskOf(
      run,
      missing.filter(({ samples }) => samples.training.id === id),
    ),
  );
  const work = { done: 0, total: tasks.reduce((sum, task) => sum + task.work, 0) };
  const score = scoringOf(run);
  try {
    for (const { plan, step, undrawn, unscored } of tasks) {
      if (step < study.budget.steps) yield* training(run, plan, step, work);
      for (const samples of undrawn) yield* drawing(run, samples, work);
      for (const cell of unscored) {
        signal.throwIfAborted();
        yield { type: 'stage', text: `scoring ${cell.id}` };
        await scoreCell(folder, cell, score, cell.id === baseCell(study).id);
        await nextTurn();
      }
    }
    if (study.protocols.includes('corrected')) {
      await drawStrip(folder, baseCell(study), study.budget, { runtime, signal });
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    yield { type: 'interrupted' };
    return;
  }
  yield { type: 'finished' };
}

/** What there is to do of one model, and how much that is. */
interface ModelTask {
  readonly plan: TrainingPlan;
  /** Training steps taken. */
  readonly step: number;
  readonly undrawn: readonly SamplesPlan[];
  readonly unscored: readonly Cell[];
  readonly work: number;
}

type Work = { done: number; readonly total: number };

function taskOf({ study: { budget }, folder }: StudyRun, cells: readonly Cell[]): ModelTask {
  const { training: plan } = (cells[0] as Cell).samples;
  const needed = [...new Map(cells.map(({ samples }) => [samples.id, samples])).values()];
  const undrawn = needed.filter((samples) => !isDrawn(folder.samples(samples)));
  const step = undrawn.length > 0 ? stepsTaken(folder.run(plan)) : budget.steps;
  const drawing = undrawn.reduce((sum, samples) => sum + samplingWork(samples, budget), 0);
  return { plan, step, undrawn, unscored: cells, work: trainingWork(budget, step) + drawing };
}

async function* training(
  run: StudyRun,
  plan: TrainingPlan,
  from: number,
  work: Work,
): AsyncGenerator<StudyEvent, void, void> {
  const { study, folder, training: dataset, runtime, signal } = run;
  yield { type: 'stage', text: `training ${plan.id}${from > 0 ? ` from step ${from}` : ''}` };
  const end = work.done + trainingWork(study.budget, from);
  const place = { dataset, runtime, signal };
  for await (const { step, loss } of trainModel(folder.run(plan), trainingConfig(plan, study.budget), place)) {
    work.done = end - trainingWork(study.budget, step);
    yield { type: 'progress', ...work, detail: `${plan.id} step ${step} loss ${loss.toFixed(4)}` };
  }
  signal.throwIfAborted();
}

async function* drawing(run: StudyRun, samples: SamplesPlan, work: Work): AsyncGenerator<StudyEvent, void, void> {
  const { study, folder } = run;
  yield { type: 'stage', text: `sampling ${samples.count} images of ${samples.id}` };
  const begin = work.done;
  const cost = samplingWork(samples, study.budget);
  const [path, model] = [folder.samples(samples), folder.run(samples.training)];
  for await (const { done, total } of drawSamples(path, model, samples, study.budget, run)) {
    work.done = begin + (cost * done) / total;
    yield { type: 'progress', ...work, detail: samples.id };
    await nextTurn();
  }
  work.done = begin + cost;
}

function scoringOf({ study, folder, test, training, runtime, networks, cache, inception, program }: StudyRun): Scoring {
  return {
    scorer: new ImageScorer(networks, imagesOfDataset(test), imagesOfDataset(training), cache),
    ...{ inception, program },
    machine: describeMachine(runtime),
    commandOf: (cell) => cellCommand(cell, study, folder),
  };
}

/** The cell of the paper's best setting without quirks: where near-copies are looked for. */
function baseCell({ budget }: Study): Cell {
  return cellOf(budget, baseSetting, protocols.corrected);
}

function trainingWork({ steps, batch }: Budget, from: number): number {
  return (steps - from) * batch * TRAINING_COST;
}

function samplingWork(samples: SamplesPlan, { samplingSteps }: Budget): number {
  const steps = samples.fullChain ? samples.training.timesteps : samplingSteps;
  return samples.count * steps * (samples.omega > 0 ? 2 : 1);
}
