import { say } from '../../output/say.js';
import type { Cell } from '../cells/cell.js';
import { openExecutor, type RunFlags } from './open-executor.js';
import { type AfterTask, type OpenWork, runSweep } from './run-sweep.js';
import type { SweepFolder } from './sweep-folder.js';
import { SweepProgress } from './sweep-progress.js';

/** Runs what is not done yet, telling how far it is. A failed cell leaves the exit code 1. */
export async function runOpenWork(
  work: OpenWork,
  cells: readonly Cell[],
  folder: SweepFolder,
  flags: RunFlags,
  signal: AbortSignal,
  afterTask?: AfterTask,
): Promise<void> {
  const todo =
    `${cells.length} cells, ${cells.length - work.cells.length} done before; ${work.trainings.length} trainings and ` +
    `${work.cells.length} evaluations to do`;
  // Not even a queue is needed.
  if (work.tasks.length === 0) {
    say(todo);
    return;
  }
  const progress = new SweepProgress(work.tasks);
  const { executor, where } = await openExecutor(folder, cells, flags, (line) => {
    progress.log(line);
  });
  say(`${todo}, ${where}`);
  try {
    const failed = await runSweep(work, cells, folder, executor, progress, signal, afterTask);
    if (failed.length === 0) return;
    process.exitCode = 1;
    progress.log(`${failed.length} of ${cells.length} cells failed; run the same command to try them again.`);
  } finally {
    progress.stop();
    await executor.close();
  }
}
