import { DataError, RuntimeError, UserError } from 'ts-diffusion/errors';
import { OutOfMemoryError, WorkerEndedError } from 'ts-diffusion/worker';

/** What went wrong, as far as the page has something to say about it. */
export type FailureKind =
  | 'out-of-memory'
  | 'model-missing'
  /** The address names a model that is not here. */
  | 'model-unknown'
  | 'worker-died'
  | 'cancelled'
  | 'refused'
  /** Another tab trains. */
  | 'trained-elsewhere'
  /** Another tab has changed the run that this browser keeps. */
  | 'changed-elsewhere'
  | 'unexpected';

/** A task that failed, in words for the page. */
export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';

  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
  }
}

/** What kind of failure an error of the engine is. */
export function failureOf(error: unknown): EngineFailure {
  if (error instanceof EngineFailure) return error;
  // The page says itself that the worker has ended.
  const message =
    error instanceof WorkerEndedError ? error.how : error instanceof Error ? error.message : String(error);
  return new EngineFailure(kindOf(error), message);
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
  if (error instanceof OutOfMemoryError) return 'out-of-memory';
  if (error instanceof WorkerEndedError) return 'worker-died';
  // All the data that the page asks for are files.
  if (error instanceof DataError) return 'model-missing';
  return error instanceof UserError || error instanceof RuntimeError ? 'refused' : 'unexpected';
}
