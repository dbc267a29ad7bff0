import { RuntimeError } from 'ts-diffusion';
import { UserError } from 'ts-diffusion/errors';

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

const OUT_OF_MEMORY =
  /bad_alloc|out of memory|OOM|Array buffer allocation failed|memory\.grow|Invalid typed array length/i;

/** What kind of failure an error of the engine is. */
export function failureOf(error: unknown): EngineFailure {
  if (error instanceof EngineFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DOMException && error.name === 'AbortError') return new EngineFailure('cancelled', message);
  if (OUT_OF_MEMORY.test(message)) return new EngineFailure('out-of-memory', message);
  const expected = error instanceof UserError || error instanceof RuntimeError;
  return new EngineFailure(expected ? 'refused' : 'unexpected', message);
}
