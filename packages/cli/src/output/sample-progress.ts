import type { OnState, PipelineState } from 'ts-diffusion';
import { ProgressBar } from './progress.js';

/** Draws with progress on the terminal. @param onState told of every state, too */
export async function withProgress<T>(draw: (onState: OnState) => Promise<T>, onState?: OnState): Promise<T> {
  const progress = sampleProgress();
  try {
    return await draw((state) => {
      onState?.(state);
      progress.update(state);
    });
  } finally {
    progress.stop();
  }
}

/** The progress of `pipeline.generate` on the terminal: sampling steps done over all batches, image steps per second. */
function sampleProgress(): { update: (state: PipelineState) => void; stop: () => void } {
  const progress = new ProgressBar();
  const begin = performance.now();
  return {
    update: ({ first, count, total, step, steps }) => {
      const done = first * steps + count * step;
      const rate = done / ((performance.now() - begin) / 1000);
      const images = Math.floor(done / steps);
      progress.update(done, total * steps, `${images} of ${total} images  ${Math.round(rate)} image steps/s`);
    },
    stop: () => {
      progress.stop();
    },
  };
}
