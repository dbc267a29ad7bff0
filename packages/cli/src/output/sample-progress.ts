import { type GeneratedImages, type PipelineState, type RunOptions, runPlan, type SamplingPlan } from 'ts-diffusion';
import { ProgressBar } from './progress.js';

/** Runs a plan with its progress on the terminal: sampling steps done over all batches, image steps per second. */
export async function runWithProgress(
  plan: SamplingPlan,
  { signal, onState }: RunOptions = {},
): Promise<GeneratedImages> {
  const progress = new ProgressBar(process.stderr, undefined, 'sampling');
  const begin = performance.now();
  const update = ({ first, count, total, step, steps }: PipelineState): void => {
    const done = first * steps + count * step;
    const rate = done / ((performance.now() - begin) / 1000);
    const images = Math.floor(done / steps);
    progress.update(done, total * steps, `${images} of ${total} images  ${Math.round(rate)} image steps/s`);
  };
  try {
    return await runPlan(plan, {
      signal,
      onState: async (state) => {
        await onState?.(state);
        update(state);
      },
    });
  } finally {
    progress.stop();
  }
}
