import type { VNode } from 'preact';
import { useAddress } from '../state/address.js';
import { useTraining } from '../state/training.js';
import { linkTo } from '../state/view-links.js';

const endings = { finished: 'finished', paused: 'paused', failed: 'stopped by an error' } as const;

/** In every view but its own: that a training goes on, or how it ended. */
export function TrainingStatus(): VNode | null {
  const address = useAddress();
  const { state, progress, ended } = useTraining();
  if (address.view === 'train' || (state === 'idle' && ended === undefined)) return null;
  const { step = 0, steps = 0 } = progress ?? {};
  const percent = steps === 0 ? 0 : Math.floor((100 * step) / steps);
  return (
    <a
      class={`training-status ${state === 'idle' ? (ended ?? '') : 'training'}`}
      href={linkTo('train', address)}
      title={`Step ${step.toLocaleString('en')} of ${steps.toLocaleString('en')}`}
    >
      {state === 'idle' ? `Training ${ended === undefined ? '' : endings[ended]}` : `Training ${percent} %`}
    </a>
  );
}
