import { fileURLToPath } from 'node:url';
import { say } from '../../output/say.js';
import type { Cell } from '../cells/cell.js';
import { ChildExecutor } from './child-executor.js';
import { type OpenWork, runSweep } from './run-sweep.js';
import type { SweepFolder } from './sweep-folder.js';
import { SweepProgress } from './sweep-progress.js';
import { threadsOfEach } from './threads.js';

/** How the cells of a command run. */
export interface RunFlags {
  readonly jobs: number;
  readonly threads: number;
  readonly takeOver?: boolean;
}

/** Runs what is not done yet, telling how far it is. A failed cell leaves the exit code 1. */
export async function runOpenWork(
  work: OpenWork,
  cells: readonly Cell[],
  folder: SweepFolder,
  { jobs, threads, takeOver }: RunFlags,
  signal: AbortSignal,
): Promise<void> {
  const each = threadsOfEach(threads, jobs);
  say(
    `${cells.length} cells, ${cells.length - work.cells.length} done before; ${work.trainings.length} trainings and ` +
      `${work.cells.length} evaluations to do, ${jobs} at once with ${each} threads each`,
  );
  const program = fileURLToPath(new URL('../../main.js', import.meta.url));
  const executor = new ChildExecutor({ folder: folder.path, slots: jobs, threads: each, program, takeOver });
  const progress = new SweepProgress(work.tasks);
  try {
    const failed = await runSweep(work, cells, folder, executor, progress, signal);
    if (failed.length === 0) return;
    process.exitCode = 1;
    progress.log(`${failed.length} of ${cells.length} cells failed; run the same command to try them again.`);
  } finally {
    progress.stop();
    await executor.close();
  }
}
