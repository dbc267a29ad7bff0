import type { Checkpoint } from './checkpoint-format.js';
import type { MetricsLine } from './metrics-window.js';

/** Where a training run is kept: a `RunFolder`, or a browser's database. */
export interface RunStore {
  /** What to call it in messages. */
  readonly path: string;
  /** Whether there is a checkpoint, whole or not. */
  readonly hasCheckpoint: boolean;
  /** The metrics of a run that has taken `step` steps. */
  openMetrics(step: number): MetricsLog;
  /** Replaces the checkpoint before, which stays where this one cannot be written. */
  writeCheckpoint(checkpoint: Checkpoint): void | Promise<void>;
}

/** Takes a run's metrics, line by line. */
export interface MetricsLog {
  /** Adds a line. */
  append(line: MetricsLine): void;
  /** Makes the lines so far survive a power failure. */
  flush(): void;
  /** Ends the log; nothing is added after that. */
  close(): void;
}
