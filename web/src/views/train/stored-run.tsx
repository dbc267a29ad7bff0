import type { VNode } from 'preact';
import type { StoredTraining } from '../../engine/checkpoint-store.js';
import { saveFile } from '../../components/save-png.js';
import { useStudio } from '../../state/studio.js';

interface StoredRunProps {
  readonly stored: StoredTraining;
  /** @param steps in all */
  readonly onResume: (steps: number) => void;
  readonly onDiscard: () => void;
}

/** The run that this browser keeps. */
export function StoredRun({ stored, onResume, onDiscard }: StoredRunProps): VNode {
  const { takeModel } = useStudio();
  const { step, steps, title, checkpoint } = stored;
  const finished = step >= steps;
  const total = finished ? 2 * steps : steps;
  return (
    <section class="panel" aria-label="Kept run">
      <div>
        <h2>{title}</h2>
        <p class="status">
          Kept in this browser at step {step.toLocaleString('en')} of {steps.toLocaleString('en')}.
        </p>
      </div>
      <div class="row">
        <button
          type="button"
          class="button primary"
          onClick={() => {
            onResume(total);
          }}
        >
          {finished ? `Train on, to ${total.toLocaleString('en')} steps` : 'Resume'}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            location.hash = `/sample?model=${takeModel(title, checkpoint)}`;
          }}
        >
          Sample from it
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            saveFile(new Blob([checkpoint as Uint8Array<ArrayBuffer>]), 'checkpoint.safetensors');
          }}
        >
          Download checkpoint
        </button>
        <button type="button" class="button quiet" onClick={onDiscard}>
          Discard
        </button>
      </div>
    </section>
  );
}
