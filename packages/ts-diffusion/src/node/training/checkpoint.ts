import { existsSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeError, replaceFile } from '../files/atomic-file.js';
import { CheckpointError } from '../../utils/errors.js';
import { MODEL_FILES } from '../../training/weights-file.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../training/checkpoint-format.js';

export type { Checkpoint } from '../../training/checkpoint-format.js';

/** As `diffusion export` names it. */
const EXPORTED_MODEL = 'model.safetensors';

/** The three names a checkpoint goes through in its folder. */
export interface CheckpointFiles {
  readonly next: string;
  readonly current: string;
  readonly previous: string;
}

/**
 * Puts a checkpoint in its place: written in full under the name `next`, then rotated. Whenever the process dies, the newest
 * complete checkpoint has one of the three names.
 *
 * @param currentIsWhole see `rotateCheckpoints`
 * @throws WriteError (full disk, missing permission), with the older checkpoints untouched
 */
export function writeCheckpoint(
  files: CheckpointFiles,
  checkpoint: Checkpoint,
  currentIsWhole = true,
  confirm?: () => void,
): void {
  replaceFile(files.next, encodeCheckpoint(checkpoint), confirm);
  confirm?.();
  rotateCheckpoints(files, currentIsWhole);
}

/**
 * Makes the next checkpoint the current one, and that the previous one.
 *
 * @param currentIsWhole false: the current one is damaged and is replaced; the previous one is the last before it and stays
 * @throws WriteError where they cannot be renamed
 */
export function rotateCheckpoints(files: CheckpointFiles, currentIsWhole: boolean): void {
  try {
    if (currentIsWhole && existsSync(files.current)) renameSync(files.current, files.previous);
    renameSync(files.next, files.current);
  } catch (error) {
    throw writeError(files.current, error);
  }
}

/**
 * Reads the newest checkpoint that is whole: the next one, if the process died before it was renamed, else the current one,
 * else the previous one. Another process may be writing checkpoints meanwhile.
 *
 * @param onMessage told when a damaged one was passed over, and why
 * @throws CheckpointError when there is none, or one is there that the process has no right to read
 */
export function readCheckpoint(files: CheckpointFiles, onMessage?: (text: string) => void): Checkpoint {
  return findCheckpoint(files, onMessage).checkpoint;
}

/** As `readCheckpoint`, and which of the three it is. */
export function findCheckpoint(
  files: CheckpointFiles,
  onMessage?: (text: string) => void,
): { readonly checkpoint: Checkpoint; readonly path: string } {
  const problems = new Map<string, string>();
  // Renaming moves each to a name that comes later. Only a run's first may appear after the look: look again.
  for (const path of [files.next, files.current, files.previous, files.next, files.current]) {
    if (problems.has(path)) continue;
    try {
      const checkpoint = readCheckpointFile(path);
      if (checkpoint === undefined) continue;
      if (problems.size > 0) {
        onMessage?.(`${[...problems.values()].join(' ')} Using ${basename(path)} instead, of step ${checkpoint.step}.`);
      }
      return { checkpoint, path };
    } catch (error) {
      if (!(error instanceof CheckpointError) || isPermissionMissing(error.cause)) throw error;
      problems.set(path, error.message);
    }
  }
  const exported = join(dirname(files.current), EXPORTED_MODEL);
  const advice = existsSync(exported) ? `Give ${exported}, the exported model there.` : `Give ${MODEL_FILES}.`;
  throw new CheckpointError([...problems.values()].join(' ') || `${files.current}: no such checkpoint. ${advice}`);
}

/**
 * Reads one checkpoint file; undefined where there is none.
 *
 * @throws CheckpointError when it cannot be read or is damaged
 */
export function readCheckpointFile(path: string): Checkpoint | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const reason = isPermissionMissing(error) ? 'permission denied; make it readable for you' : message;
    throw new CheckpointError(`${path}: cannot be read (${reason}).`, { cause: error });
  }
  return decodeCheckpoint(bytes, path);
}

function isPermissionMissing(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
