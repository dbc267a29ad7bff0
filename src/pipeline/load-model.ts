import { existsSync, readFileSync, statSync } from 'node:fs';
import { decodeCheckpoint } from '../training/checkpoint-format.js';
import { readCheckpoint, type Checkpoint } from '../training/checkpoint.js';
import { checkpointFiles } from '../training/run-folder.js';
import { CheckpointError } from '../utils/errors.js';

/**
 * Reads a checkpoint file, or the newest usable checkpoint of a run folder.
 *
 * @param onMessage told when a run's newest checkpoint is damaged and the one before it is used
 * @throws CheckpointError when there is none
 */
export function loadCheckpoint(path: string, onMessage?: (text: string) => void): Checkpoint {
  if (!existsSync(path)) {
    throw new CheckpointError(
      `${path}: no such checkpoint file or run folder. Train a model first (diffusion train), or give the path of one.`,
    );
  }
  if (statSync(path).isDirectory()) return readCheckpoint(checkpointFiles(path), onMessage);
  return decodeCheckpoint(readFileSync(path), path);
}
