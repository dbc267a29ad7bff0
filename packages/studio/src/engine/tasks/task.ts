import type { WorkerPipeline } from 'ts-diffusion/worker';
import type { TaskName, Tasks } from '../tasks.js';

/** Class probabilities [N, classes] of images [N, 28, 28], 0..255. */
export type Classify = (images: Uint8Array, signal?: AbortSignal) => Promise<Float32Array>;

export interface TaskContext<K extends TaskName> {
  readonly pipeline: WorkerPipeline;
  /** Undefined where the model does not draw what the classifier knows. */
  readonly classify: Classify | undefined;
  readonly report: (progress: Tasks[K]['progress']) => void;
  /** Aborted when the page no longer wants the result. */
  readonly signal: AbortSignal;
}

/** One thing the page can draw. */
export type Task<K extends TaskName> = (
  settings: Tasks[K]['settings'],
  context: TaskContext<K>,
) => Promise<Tasks[K]['result']>;
