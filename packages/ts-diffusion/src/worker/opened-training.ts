import type { TrainingImages } from '../data/dataset.js';
import type { Checkpoint } from '../training/checkpoint-format.js';
import type { TrainConfig } from '../training/config.js';
import type { InitialWeights } from '../training/initial-weights.js';
import type { RunStore } from '../training/run-store.js';

/** What a worker needs to train. */
export interface OpenedTraining {
  readonly config: TrainConfig;
  readonly dataset: TrainingImages;
  /** The data set's own validation images. */
  readonly validation?: TrainingImages | undefined;
  /** Where to go on; undefined: at the beginning. */
  readonly resume: Checkpoint | undefined;
  readonly initialWeights: InitialWeights | undefined;
  /** What keeps the run; undefined: its caller does. */
  readonly folder: RunStore | undefined;
  /** Lets others train in the folder, and closes the images. */
  close(): void;
}
