import type { StoredTraining } from '../../engine/checkpoint-store.js';
import { describeCheckpoint } from '../../engine/describe-checkpoint.js';

const ALL_DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A checkpoint from a file, as a training to go on with. @throws CheckpointError for a file that is none */
export const readCheckpoint = (name: string, file: Uint8Array): StoredTraining => ({
  ...describeCheckpoint(file, name),
  title: name,
  digits: ALL_DIGITS,
  losses: [],
  checkpoint: file,
});
