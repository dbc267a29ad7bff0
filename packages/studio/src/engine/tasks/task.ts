import type { TaskName, Tasks } from '../protocol.js';

export interface TaskContext<K extends TaskName> {
  readonly report: (progress: Tasks[K]['progress'], transfer?: Transferable[]) => void;
  /** Aborted when the page no longer wants the result. */
  readonly signal: AbortSignal;
}

/** One thing the worker can do. */
export type Task<K extends TaskName> = (
  input: Tasks[K]['input'],
  context: TaskContext<K>,
) => Promise<Tasks[K]['result']>;
