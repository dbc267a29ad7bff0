import type { Task, TaskEnd, TaskProgress } from './task.js';

/** What a run of a task is told, and tells. */
export interface TaskRun {
  /** Aborted to stop it. The run ends when the command has: with a checkpoint, where it trains. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
  /** Told when it is begun, which is later than the call where it waits for a worker; perhaps more than once. */
  readonly onBegin?: (() => void) | undefined;
}

/**
 * A place that runs tasks: this machine, or others behind a queue. Every one must keep to this, and the tests in
 * `test/sweep/executors.ts` say so:
 *
 * - A task that ends `done` has its whole result in its output folder. What a stopped or killed one left there is gone on from.
 * - Running a task again that is done changes no result; so a task may be delivered twice.
 * - A failed command is the end `failed`, never a rejection; a rejection means that the place itself is broken.
 * - `share` never decreases, from one run of a task; it may begin above 0, where a run goes on from a checkpoint.
 */
export interface Executor {
  /** How many tasks it runs at once; further calls of `run` must wait. */
  readonly slots: number;
  run: (task: Task, run: TaskRun) => Promise<TaskEnd>;
  /** Lets go of what it holds; no task is running any more. */
  close: () => Promise<void>;
}
