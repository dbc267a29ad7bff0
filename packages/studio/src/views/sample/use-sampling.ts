import type { EngineFailure } from '../../engine/failure.js';
import type { Frame } from '../../engine/tasks.js';
import { useStudio } from '../../state/studio.js';
import { useTask } from '../../state/use-task.js';
import type { PageSettings } from './settings.js';

export interface Sampling {
  /** Every moment so far, or, where they would fill the memory, every so manieth. */
  readonly frames: readonly Frame[];
  readonly running: boolean;
  readonly milliseconds?: number;
  readonly failure?: EngineFailure;
  readonly again: () => void;
}

const LARGEST_FILM_BYTES = 48 * 2 ** 20;

/** Draws what the settings say, and anew when they change. */
export function useSampling({ labels, sampling }: PageSettings): Sampling {
  const { info } = useStudio();
  const steps = Math.min(sampling.samplingSteps, info?.timesteps ?? sampling.samplingSteps);
  const stride =
    Math.ceil((2 * labels.length * (info?.channels ?? 1) * (info?.imageSize ?? 0) ** 2 * steps) / LARGEST_FILM_BYTES) ||
    1;
  const { progress, result, ...state } = useTask(
    'sample',
    { labels, sampling: { ...sampling, samplingSteps: steps } },
    ({ step, steps: last }) => step % stride === 0 || step === last,
  );
  return { frames: progress, ...state, ...result };
}
