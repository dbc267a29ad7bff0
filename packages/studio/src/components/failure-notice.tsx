import type { VNode } from 'preact';
import type { EngineFailure, FailureKind } from '../engine/failure.js';

/** What happened, and what to do about it. */
const advice: Readonly<Record<FailureKind, readonly [what: string, toDo: string]>> = {
  'out-of-memory': [
    'The browser has run out of memory.',
    'Close other tabs or choose fewer images, then try again. The page has freed the memory it used.',
  ],
  'model-missing': ['A file could not be loaded.', 'Check the connection, and that the server is running.'],
  'model-unknown': ['This link uses a model that is not loaded.', 'Choose a model, or open its file again.'],
  'worker-died': ['The worker of this page ended unexpectedly.', 'Try again to restart it; nothing else is lost.'],
  'trained-elsewhere': [
    'Another tab of this browser is training.',
    'Two training runs would overwrite each other. Pause the other one, or wait until it ends.',
  ],
  'changed-elsewhere': [
    'Another tab of this browser has changed the saved run.',
    'Nothing was overwritten. The page now shows the changed run; choose again what to do.',
  ],
  cancelled: ['This was stopped.', ''],
  refused: ['This cannot be computed.', 'Change the settings.'],
  unexpected: ['An unexpected error occurred.', 'Try again. If it happens again, please report the message.'],
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
