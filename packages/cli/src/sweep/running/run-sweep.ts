import { existsSync } from 'node:fs';
import type { Cell, Training } from '../cells/cell.js';
import { evaluationTask, pictureTask, trainingOf, trainingsOf, trainingTask } from '../cells/cell-tasks.js';
import type { Plan } from '../plan/read-plan.js';
import { describeSetting, describeTraining } from '../report/names.js';
import type { Executor } from './executor.js';
import { runTasks } from './run-tasks.js';
import { places, type SweepFolder } from './sweep-folder.js';
import type { SweepProgress } from './sweep-progress.js';
import type { Task } from './task.js';

/** What of a plan is still to be done. */
export interface OpenWork {
  readonly tasks: readonly Task[];
  /** Cells without scores. */
  readonly cells: readonly Cell[];
  /** Trainings that these need and that are not finished. */
  readonly trainings: readonly { readonly training: Training; readonly from: number }[];
}

/** Looks up what is done in a folder. Cells of a training follow it, so that results come early. */
export function openWork(plan: Plan, cells: readonly Cell[], folder: SweepFolder): OpenWork {
  const undrawn = (cell: Cell): boolean =>
    plan.pictures > 0 && !existsSync(folder.in(places.picture(cell.key, plan.pictures)));
  const unkept = (cell: Cell): boolean => plan.keep && !existsSync(folder.in(places.samples(cell.key)));
  const open = cells.filter((cell) => folder.receipt(cell) === undefined || unkept(cell));
  const withPictures = cells.filter((cell) => open.includes(cell) || undrawn(cell));
  const trainings = trainingsOf(withPictures)
    .map((training) => ({ training, progress: folder.progressOf(training) }))
    .filter(({ progress }) => !progress.isFinished)
    .map(({ training, progress }) => ({ training, from: progress.step }));
  const evaluate = (cell: Cell): readonly Task[] => [
    ...(open.includes(cell) ? [evaluationTask(cell, plan, describeSetting(cell.setting))] : []),
    ...(undrawn(cell) ? [pictureTask(cell, plan.pictures, describeSetting(cell.setting))] : []),
  ];
  const ofTrainings = trainings.flatMap(({ training, from }) => {
    const own = withPictures.filter((cell) => trainingOf(cell)?.key === training.key);
    return [trainingTask(training, describeTraining(own), from), ...own.flatMap(evaluate)];
  });
  const unfinished = new Set(trainings.map(({ training }) => training.key));
  const ready = withPictures.filter((cell) => !unfinished.has(trainingOf(cell)?.key ?? '')).flatMap(evaluate);
  return { tasks: [...ready, ...ofTrainings], cells: open, trainings };
}

/** What is done at once after a task that succeeded. @returns a line that tells of it */
export type AfterTask = (task: Task) => string | undefined;

/**
 * Runs what is open of a plan. What fails is noted in the folder of each cell that it fails, and the rest goes on.
 *
 * @returns the cells that failed
 */
export async function runSweep(
  { tasks }: OpenWork,
  cells: readonly Cell[],
  folder: SweepFolder,
  executor: Executor,
  progress: SweepProgress,
  signal: AbortSignal,
  afterTask?: AfterTask,
): Promise<readonly Cell[]> {
  const needed = new Set(tasks.map(({ output }) => output));
  for (const cell of cells) {
    if (needed.has(places.cell(cell.key))) folder.prepare(cell);
  }
  // Without a limit of its own the executor is a queue, in which tasks wait for workers.
  const waits = executor.slots === Infinity;
  const ends = await runTasks(tasks, executor, signal, {
    onStart: (task) => {
      if (waits) progress.queue(task);
      else progress.start(task);
    },
    onBegin: (task) => {
      if (waits) progress.start(task, 'started: ');
    },
    onProgress: (task, at) => {
      progress.update(task, at);
    },
    onEnd: (task, how) => {
      progress.end(task, how);
      const line = how.type === 'done' ? afterTask?.(task) : undefined;
      if (line !== undefined) progress.log(line);
    },
  });
  return cells.filter((cell) => {
    const ended = tasks.filter(({ output }) => output === places.cell(cell.key)).map(({ id }) => ends.get(id));
    const failure = ended.find((end) => end?.type === 'failed');
    if (failure?.type === 'failed') folder.setError(cell, failure.error);
    else if (ended.some((end) => end?.type === 'done')) folder.setError(cell, undefined);
    return failure !== undefined;
  });
}
