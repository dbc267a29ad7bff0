import type { VNode } from 'preact';
import type { EngineFailure, FailureKind } from '../engine/failure.js';

/** What happened, and what to do about it. */
const advice: Readonly<Record<FailureKind, readonly [what: string, toDo: string]>> = {
  'out-of-memory': [
    'The browser has run out of memory.',
    'Close other tabs or ask for fewer images, then try again: the memory taken so far has been given back.',
  ],
  'model-missing': ['A file this needs could not be loaded.', 'Check the connection, or that the server is running.'],
  'model-unknown': ['This link shows a model that is not loaded.', 'Choose a model, or open its file again.'],
  'worker-died': [
    'The part of the page that computes has ended unexpectedly.',
    'Start it again; nothing else is lost.',
  ],
  'trained-elsewhere': [
    'Another tab of this browser is training.',
    'Two trainings would overwrite each other: pause the other one first, or wait until it ends.',
  ],
  'changed-elsewhere': [
    'Another tab of this browser has changed the kept run.',
    'Nothing of it was overwritten. It is shown as it is now: choose again what to do.',
  ],
  cancelled: ['This was stopped.', ''],
  refused: ['This cannot be computed.', 'Change what you asked for.'],
  unexpected: ['Something went wrong that should not have.', 'Try again; if it stays so, please report what it says.'],
};

/** What may succeed when it is tried again as it is. */
const retryable: readonly FailureKind[] = ['out-of-memory', 'model-missing', 'worker-died', 'unexpected'];

interface FailureNoticeProps {
  readonly failure: EngineFailure;
  readonly onRetry?: (() => void) | undefined;
}

export function FailureNotice({ failure, onRetry }: FailureNoticeProps): VNode {
  const [what, toDo] = advice[failure.kind];
  return (
    <div class="notice failure" role="alert">
      <p>
        <strong>{what}</strong> {toDo}
      </p>
      {failure.message !== '' && <p class="status">{failure.message}</p>}
      {onRetry && retryable.includes(failure.kind) && (
        <div>
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}
