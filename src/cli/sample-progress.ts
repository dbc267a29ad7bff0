import type { PipelineState } from '../pipeline/diffusion-pipeline.js';
import { ProgressBar } from './progress.js';

/** The progress of `pipeline.generate` on the terminal: sampling steps done over all batches, image steps per second. */
export function sampleProgress(): { update: (state: PipelineState) => void; stop: () => void } {
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
