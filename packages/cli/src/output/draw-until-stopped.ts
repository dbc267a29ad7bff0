import type { GeneratedImages, RunOptions, SamplingPlan } from 'ts-diffusion';
import { toBytes } from 'ts-diffusion/images';
import { runWithProgress } from './sample-progress.js';

/**
 * Runs a plan until all of its images are finished or the signal is aborted.
 *
 * @returns the images of the finished batches: the first `count` of those planned
 */
export async function drawUntilStopped(
  plan: SamplingPlan,
  { signal, onState }: Required<RunOptions> & { readonly signal: AbortSignal },
): Promise<GeneratedImages> {
  const finished: Uint8Array[] = [];
  let count = 0;
  try {
    return await runWithProgress(plan, {
      signal,
      onState: async (state) => {
        await onState?.(state);
        if (state.step < state.steps) return;
        finished.push(toBytes(state.x));
        count = state.first + state.count;
      },
    });
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    const { imageChannels: channels, imageSize } = plan.kind;
    const labels = plan.shownLabels.slice(0, count);
    return { images: Buffer.concat(finished), labels, count, channels, height: imageSize, width: imageSize };
  }
}
