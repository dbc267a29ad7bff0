import type { TaskName, Tasks } from '../messages.js';

/** What a task has of its caller. */
export interface TaskContext<Name extends TaskName> {
  /** @param transfer buffers that change hands where the platform can do that */
  readonly report: (progress: Tasks[Name]['progress'], transfer?: readonly Transferable[]) => void;
  /** Aborted when the caller does not want what comes of it any more. */
  readonly signal: AbortSignal;
  /** Waits until the caller has dealt with what was reported. @returns whether it wants more */
  readonly wanted: () => Promise<boolean>;
}

/** One thing that a worker can do. */
export type Task<Name extends TaskName> = (
  input: Tasks[Name]['input'],
  context: TaskContext<Name>,
) => Promise<Tasks[Name]['result']>;
