import type { VNode } from 'preact';
import type { EngineFailure, FailureKind } from '../engine/failure.js';

/** What happened, and what to do about it. */
const advice: Readonly<Record<FailureKind, readonly [what: string, toDo: string]>> = {
  'out-of-memory': [
    'The browser has run out of memory.',
    'Close other tabs or ask for fewer images, then try again: the memory taken so far has been given back.',
  ],
  'model-missing': ['A file this needs could not be loaded.', 'Check the connection, or that the server is running.'],
  'worker-died': [
    'The part of the page that computes has ended unexpectedly.',
    'Start it again; nothing else is lost.',
  ],
  cancelled: ['This was stopped.', ''],
  refused: ['This cannot be computed.', 'Change what you asked for.'],
  unexpected: ['Something went wrong that should not have.', 'Try again; if it stays so, please report what it says.'],
};

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
      {onRetry && (
        <div>
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}
