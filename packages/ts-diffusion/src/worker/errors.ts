import { RuntimeError } from '../runtime/types.js';

/** The worker ended while it was computing; the next request starts another. */
export class WorkerEndedError extends RuntimeError {
  override readonly name = 'WorkerEndedError';

  /** An error for a worker that ended in this way. */
  constructor(
    /** How it ended, as far as that is known. */
    readonly how: string,
  ) {
    super(
      `The worker that computes ended unexpectedly (${how}). What it was asked is lost; the next request starts another.`,
    );
  }
}
