import type { SamplingData } from 'ts-diffusion/diffusion';
import type { MetricsLine, WatchedLine } from 'ts-diffusion/train';

/** What the studio's server and its page say to each other. */

/** `training`: a process is at it; `failed`: the process that this server started ended with an error. */
export type RunStatus = 'training' | 'stopped' | 'finished' | 'failed';

export interface RunSummary {
  readonly name: string;
  readonly status: RunStatus;
  /** Whether this server started the process that trains, and so can stop it. */
  readonly ours: boolean;
  /** Why it failed, in the process's own words. */
  readonly error?: string;
  /** Steps taken, as of the last line of the metrics. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  readonly loss?: number;
  readonly msPerStep?: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface RunDetail extends RunSummary {
  readonly config: Readonly<Record<string, unknown>>;
  /** File names, newest first. */
  readonly checkpoints: readonly string[];
  /** File names in `samples/`, in the order of their steps. */
  readonly samples: readonly string[];
  /** Contents of `receipts/*.json` by file name. */
  readonly receipts: Readonly<Record<string, unknown>>;
}

/** New lines of a run's `metrics.jsonl`. */
export interface MetricsUpdate {
  readonly run: string;
  readonly lines: readonly (MetricsLine | WatchedLine)[];
  /** The file was written anew (a resumed run cuts it): forget the lines so far. */
  readonly restarted: boolean;
}

/** The events of `GET /api/events` by name. */
export interface StudioEvents {
  readonly runs: readonly RunSummary[];
  readonly metrics: MetricsUpdate;
}

export interface StartRequest {
  readonly name: string;
  readonly preset: string;
  /** Fields of the training configuration that differ from the preset. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface ResumeRequest {
  /** Steps in all, if more than so far. */
  readonly steps?: number | undefined;
}

/** Which images to draw, beside how: the fields of `SamplingData` but for `resampling`, `firstImage` and `batchSize`. */
export interface SampleRequest extends Omit<SamplingData, 'resampling' | 'firstImage' | 'batchSize'> {
  readonly checkpoint: string;
  /** The averaged weights, or those of the last training step. */
  readonly weights: 'ema' | 'model';
  /** The index of the class of each image, -1: no class; `all`: two images of each class that the model has seen. */
  readonly labels: 'all' | readonly number[];
}

/** The body of every answer that is not a success. */
export interface ErrorAnswer {
  readonly error: string;
}
