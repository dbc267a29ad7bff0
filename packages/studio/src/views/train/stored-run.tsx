import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.js';
import { saveFile } from '../../components/save-png.js';
import type { StoredTraining } from '../../engine/checkpoint-store.js';
import { useAddress } from '../../state/address.js';
import { useStudio } from '../../state/studio.js';
import { linkTo } from '../../state/view-links.js';

interface StoredRunProps {
  readonly title: string;
  /** Undefined as long as it is trained: the panel has its place then already, so that nothing moves at the end. */
  readonly stored: StoredTraining | undefined;
  /** Whether another tab trains it. */
  readonly elsewhere: boolean;
  /** @param steps in all */
  readonly onResume: (stored: StoredTraining, steps: number) => void;
  readonly onDiscard: () => void;
}

/** The run that this browser keeps. */
export function StoredRun({ title, stored, elsewhere, onResume, onDiscard }: StoredRunProps): VNode {
  const { openModel } = useStudio();
  const address = useAddress();
  const [trouble, setTrouble] = useState('');
  const finished = stored !== undefined && stored.step >= stored.steps;
  const sample = async ({ checkpoint }: StoredTraining): Promise<void> => {
    setTrouble('');
    try {
      location.hash = linkTo('sample', address, { model: await openModel(title, checkpoint) });
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <section class="panel" aria-label="Saved run">
      <div class="heading">
        <h2>{title}</h2>
        <ConfirmButton
          label="Discard"
          class="button quiet"
          disabled={stored === undefined || elsewhere}
          question="Discard this run?"
          consequence="It is saved only in this browser. To keep it, download its checkpoint first."
          confirm="Discard the run"
          onConfirm={onDiscard}
        />
        <p class="status">{statusOf(stored)}</p>
      </div>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={stored === undefined || elsewhere}
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
            if (stored) void sample(stored);
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
      {trouble !== '' && (
        <p class="notice failure" role="alert">
          {trouble}
        </p>
      )}
    </section>
  );
}

function statusOf(stored: StoredTraining | undefined): string {
  if (stored === undefined) return 'Training.';
  const [step, steps] = [stored.step.toLocaleString('en'), stored.steps.toLocaleString('en')];
  return stored.step >= stored.steps
    ? `Finished. Saved in this browser at step ${step} of ${steps}.`
    : `Saved in this browser at step ${step} of ${steps}.`;
}
