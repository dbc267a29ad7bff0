import { rmSync } from 'node:fs';
import { writeFileAtomic } from 'ts-diffusion/node';
import { type Checkpoint, encodeCheckpoint, isWatched, type MetricsLog, type RunStore } from 'ts-diffusion/train';
import type { ReplicaSlice } from './slice.js';
import type { SliceFiles } from './slice-files.js';

/** Where `train` keeps a slice: its checkpoints have the loss of every step, which the metrics of the run are made of. */
export class SliceStore implements RunStore {
  readonly path: string;
  readonly hasCheckpoint = true;
  readonly #losses: number[];

  /** @param losses of the steps that were taken before */
  constructor(
    private readonly files: SliceFiles,
    private readonly slice: ReplicaSlice,
    losses: readonly number[],
  ) {
    this.path = files.path;
    this.#losses = [...losses];
  }

  /** Takes a line for each step. */
  openMetrics(): MetricsLog {
    return {
      append: (line) => {
        if (!isWatched(line)) this.#losses.push(line.loss);
      },
      flush: () => undefined,
      close: () => undefined,
    };
  }

  writeCheckpoint(checkpoint: Checkpoint): void {
    const { key, lastStep } = this.slice;
    const isFinished = checkpoint.step === lastStep;
    const path = isFinished ? this.files.finished(lastStep) : this.files.unfinished(lastStep);
    writeFileAtomic(path, encodeCheckpoint({ ...checkpoint, slice: { key, losses: this.#losses } }));
    if (isFinished) rmSync(this.files.unfinished(lastStep), { force: true });
  }
}
