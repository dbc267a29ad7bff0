import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_FILES } from '../../training/weights-file.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../training/checkpoint-format.js';
import { CheckpointSet, readWhole, type CheckpointKind } from './checkpoint-set.js';

export type { Checkpoint } from '../../training/checkpoint-format.js';

/** As `diffusion export` names it. */
const EXPORTED_MODEL = 'model.safetensors';

/** The checkpoints of trainings. */
export const trainingCheckpoints: CheckpointKind<Checkpoint> = {
  name: 'checkpoint',
  encode: encodeCheckpoint,
  decode: decodeCheckpoint,
  advice: (folder) => {
    const exported = join(folder, EXPORTED_MODEL);
    return existsSync(exported) ? `Give ${exported}, the exported model there.` : `Give ${MODEL_FILES}.`;
  },
};

/** The checkpoints in the folder of a training. */
export const runCheckpoints = (folder: string): CheckpointSet<Checkpoint> =>
  new CheckpointSet(folder, trainingCheckpoints);

/** The newest whole checkpoint in the folder of a training, see `CheckpointSet.find`. @throws CheckpointError when there is none */
export const readCheckpoint = (folder: string, onMessage?: (text: string) => void): Checkpoint =>
  runCheckpoints(folder).find(onMessage).checkpoint;

/** Reads one checkpoint file of a training; undefined where there is none. @throws CheckpointError as `readWhole` */
export const readCheckpointFile = (path: string): Checkpoint | undefined => readWhole(path, decodeCheckpoint);
