import type { Task } from '../sweep/running/task.js';

/** Where a job's worker finds what its task reads, and puts what it makes. */
export interface Artifacts {
  /** The folder of a job's sweep on this machine, in which its command runs, with all that the task reads. */
  readonly prepare: (task: Task) => Promise<string>;
  /**
   * Lets other machines see what the task has made. Called only by the worker that still has the job.
   *
   * @param finished false: the task was stopped, and goes on from there
   */
  readonly publish: (task: Task, finished: boolean) => Promise<void>;
}

/** Of two workers that had a job the one with the greater pair, compared from the left, has it now. */
export type JobFence = readonly [number, number];
