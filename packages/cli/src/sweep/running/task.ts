/** A piece of work: one run of this program as a child process. It holds references only, so that a queue can carry it. */
export interface Task {
  /** Hash of all that decides its result. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /**
   * The command and its options, without those that say how to compute (`--threads`). Paths of what the sweep makes are as seen from
   * its folder, in which the command runs.
   */
  readonly command: readonly string[];
  /** The folder of its result, as seen from the folder of the sweep. */
  readonly output: string;
  /** Ids of the tasks whose results it reads. */
  readonly needs: readonly string[];
  /** Floating-point operations that it takes from the beginning, as far as they can be counted. */
  readonly work: number;
  /** The share of it that an earlier run has done, 0..1. */
  readonly begun: number;
  /** The phase of the command whose progress stands for the whole. */
  readonly phase: string;
  /** Images that it draws and scores, where it may be done in shards: by `evaluate --statistics`, and `merge`. */
  readonly images?: number;
  /** Keys of what it reads from a store beside the results of tasks, where machines share no folder. */
  readonly inputs?: readonly string[];
}

/** How far a task is. */
export interface TaskProgress {
  /** Of the work, 0..1. */
  readonly share: number;
  readonly detail: string;
}

/** How a task ended. */
export type TaskEnd =
  | { readonly type: 'done' }
  /** It was asked to; what it had done is kept, and running it again goes on from there. */
  | { readonly type: 'stopped' }
  /** @property error one sentence of the command itself */
  | { readonly type: 'failed'; readonly error: string };
