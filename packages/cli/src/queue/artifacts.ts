import type { Task } from '../sweep/running/task.js';

/** Where workers find what tasks read, and put what they make. */
export interface Artifacts {
  /** The folder of a job's sweep on this machine, in which its command runs, with all that the task reads. */
  readonly prepare: (task: Task) => Promise<string>;
  /** Lets other machines see the task's output folder. Called only by the worker that still has the job. */
  readonly publish: (task: Task) => Promise<void>;
}
