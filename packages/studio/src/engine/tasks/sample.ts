import { frameOf } from './frame.js';
import type { Task } from './task.js';

/** Draws images, reporting every moment on the way with what the classifier makes of it. */
export const sample: Task<'sample'> = async (settings, { pipeline, classify, report, signal }) => {
  const begin = performance.now();
  const reported: Promise<void>[] = [];
  const onState = async (state: Parameters<typeof frameOf>[0]): Promise<void> => {
    const frame = frameOf(state);
    const probabilities = await classify?.(frame.predictedX0, signal);
    report({ ...frame, ...(probabilities === undefined ? {} : { probabilities }) });
  };
  await pipeline.generate(
    // All images asked for are drawn together, so that they can be shown together.
    { ...settings.sampling, labels: settings.labels, batchSize: settings.labels.length },
    {
      signal,
      onState: (state) => {
        const frame = onState(state);
        // What fails while drawing goes on is told at its end; when it is aborted, by that.
        frame.catch(() => undefined);
        reported.push(frame);
      },
    },
  );
  await Promise.all(reported);
  return { milliseconds: performance.now() - begin };
};
