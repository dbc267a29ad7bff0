import type { MetricsLine, WatchedLine } from '../training/metrics-window.js';
import type { TrainingEvent } from '../training/training-run.js';

type Otherwise = Exclude<TrainingEvent, { readonly type: 'started' | 'checkpoint' | 'samples-due' }>;

/** What happens while a worker trains: the events of `train`, with what the worker makes of them. */
export type WorkerTrainingEvent =
  | Otherwise
  | (Extract<TrainingEvent, { readonly type: 'started' }> & {
      /** Steps in all, of those taken before included. */
      readonly steps: number;
      /** Images trained on. */
      readonly images: number;
      readonly threads: number;
      /** Why it is not another device or more threads, for people. */
      readonly note?: string;
    })
  /** A line of the run's metrics: a mean over the steps since the line before, or what was found out about watched weights. */
  | { readonly type: 'metrics'; readonly line: MetricsLine | WatchedLine }
  /** `checkpoint`: the file `checkpoint.safetensors`, where no run folder keeps it. */
  | { readonly type: 'checkpoint'; readonly step: number; readonly checkpoint?: Uint8Array }
  /** Images [N, channels, height, width], 0..255, drawn from the averaged weights after a step. */
  | { readonly type: 'samples'; readonly step: number; readonly images: Uint8Array };
