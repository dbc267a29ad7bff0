import type { Task } from '../sweep/running/task.js';

/** Where a job's worker finds what its task reads, and puts what it makes. */
export interface Artifacts {
  /**
   * The folder of a job's sweep on this machine, in which its command runs, with all that the task reads.
   *
   * @param confirm called before anything is taken from another worker. @throws LostJobError where the job is not this worker's any more
   */
  readonly prepare: (task: Task, confirm: () => Promise<void>) => Promise<string>;
  /**
   * Lets other machines see what the task has made. Called only by the worker that still has the job.
   *
   * @param finished false: the task was stopped, and goes on from there
   */
  readonly publish: (task: Task, finished: boolean) => Promise<void>;
}
