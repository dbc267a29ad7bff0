import type { Checkpoint, WeightSelection } from './checkpoint-format.js';
import type { MetricsLine, WatchedLine } from './metrics-window.js';

/** Where a training run is kept: a `RunFolder`, or a browser's database. */
export interface RunStore {
  /** What to call it in messages. */
  readonly path: string;
  /** Whether there is a checkpoint, whole or not. */
  readonly hasCheckpoint: boolean;
  /** The metrics of a run that has taken `step` steps, written as TensorBoard's event files too where that is asked for. */
  openMetrics(step: number, options?: MetricsOptions): MetricsLog;
  /** Replaces the checkpoint before, which stays where this one cannot be written. */
  writeCheckpoint(checkpoint: Checkpoint): void | Promise<void>;
  /** Keeps the best weights of the run, beside its checkpoints; absent: they are not kept. */
  readonly best?: BestWeights | undefined;
}

/** Where metrics go besides the store's own log. */
export interface MetricsOptions {
  readonly tensorboard?: boolean | undefined;
  /** Whether the run took steps without event files before: they may lack any of its steps. */
  readonly eventsMissing?: boolean | undefined;
}

/** The place of a run's best weights. */
export interface BestWeights {
  /** What is kept, as far as it is known and whole. */
  read(): { readonly step: number; readonly selection: WeightSelection } | undefined;
  /** Replaces it, at once or not at all. */
  write(checkpoint: Checkpoint): void | Promise<void>;
}

/** Takes a run's metrics, line by line. */
export interface MetricsLog {
  /** Adds a line. */
  append(line: MetricsLine | WatchedLine): void;
  /** The step of the last `WatchedLine`; undefined: none is known. */
  readonly watchedStep?: number | undefined;
  /** Makes the lines so far survive a power failure. */
  flush(): void;
  /** Ends the log; nothing is added after that. */
  close(): void;
}
