import type { DiffusionPipeline, GeneratedImages, OnState } from 'ts-diffusion';
import type { SampleOptions } from 'ts-diffusion';
import { toBytes } from 'ts-diffusion/images';

/**
 * Samples the images asked for, batch after batch, until all are finished or the signal is aborted.
 *
 * @returns the images of the finished batches: the first `count` of those asked for
 */
export async function drawUntilStopped(
  pipeline: DiffusionPipeline,
  options: SampleOptions,
  signal: AbortSignal,
  onState: OnState,
): Promise<GeneratedImages> {
  const batches: Uint8Array[] = [];
  let count = 0;
  for await (const state of pipeline.sample(options)) {
    onState(state);
    if (state.step === state.steps) {
      batches.push(toBytes(state.x));
      count = state.first + state.count;
    }
    if (signal.aborted) break;
  }
  const { imageSize } = pipeline.model;
  const labels = Int32Array.from(options.labels).subarray(0, count);
  return { images: Buffer.concat(batches), labels, count, height: imageSize, width: imageSize };
}
