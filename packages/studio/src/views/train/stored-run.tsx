import type { VNode } from 'preact';
import type { StoredTraining } from '../../engine/checkpoint-store.js';
import { saveFile } from '../../components/save-png.js';
import { useStudio } from '../../state/studio.js';

interface StoredRunProps {
  readonly title: string;
  /** Undefined as long as it is trained: the panel has its place then already, so that nothing moves at the end. */
  readonly stored: StoredTraining | undefined;
  /** @param steps in all */
  readonly onResume: (stored: StoredTraining, steps: number) => void;
  readonly onDiscard: () => void;
}

/** The run that this browser keeps. */
export function StoredRun({ title, stored, onResume, onDiscard }: StoredRunProps): VNode {
  const { takeModel } = useStudio();
  const finished = stored !== undefined && stored.step >= stored.steps;
  return (
    <section class="panel" aria-label="Kept run">
      <div class="heading">
        <h2>{title}</h2>
        <button type="button" class="button quiet" disabled={stored === undefined} onClick={onDiscard}>
          Discard
        </button>
        <p class="status">
          {stored === undefined
            ? 'In training.'
            : `Kept in this browser at step ${stored.step.toLocaleString('en')} of ${stored.steps.toLocaleString('en')}.`}
        </p>
      </div>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={stored === undefined}
          onClick={() => {
            if (stored) onResume(stored, finished ? 2 * stored.steps : stored.steps);
          }}
        >
          {finished ? 'Train on' : 'Resume'}
        </button>
        <button
          type="button"
          class="button"
          disabled={stored === undefined}
          onClick={() => {
            if (stored) location.hash = `/sample?model=${takeModel(title, stored.checkpoint)}`;
          }}
        >
          Sample from it
        </button>
        <button
          type="button"
          class="button"
          disabled={stored === undefined}
          onClick={() => {
            if (stored) saveFile(new Blob([stored.checkpoint as Uint8Array<ArrayBuffer>]), 'checkpoint.safetensors');
          }}
        >
          Download checkpoint
        </button>
      </div>
    </section>
  );
}
