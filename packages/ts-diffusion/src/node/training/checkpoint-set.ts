import { existsSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CheckpointError } from '../../utils/errors.js';
import { replaceFile, writeError } from '../files/atomic-file.js';

/** The three names a checkpoint goes through in its folder. */
export interface CheckpointFiles {
  readonly next: string;
  readonly current: string;
  readonly previous: string;
}

/** A kind of checkpoint: how its files are named, written and read. */
export interface CheckpointKind<Checkpoint extends { readonly step: number }> {
  /** What the names of its files begin with. */
  readonly name: string;
  readonly encode: (checkpoint: Checkpoint) => Uint8Array;
  /** @throws CheckpointError when the file is damaged or something else */
  readonly decode: (file: Uint8Array, path: string) => Checkpoint;
  /** What to give in place of a folder without a checkpoint, in a sentence. */
  readonly advice: (folder: string) => string;
}

/** The files of one kind of checkpoint in a folder. */
export class CheckpointSet<Checkpoint extends { readonly step: number }> {
  readonly files: CheckpointFiles;

  constructor(
    private readonly folder: string,
    private readonly kind: CheckpointKind<Checkpoint>,
  ) {
    const { name } = kind;
    this.files = {
      next: join(folder, `${name}.next.safetensors`),
      current: join(folder, `${name}.safetensors`),
      previous: join(folder, `${name}.previous.safetensors`),
    };
  }

  /** Whether there is a checkpoint, whole or damaged. */
  get exists(): boolean {
    return Object.values(this.files).some((file: string) => existsSync(file));
  }

  /**
   * Puts a checkpoint in its place: written in full under the name `next`, then rotated. Whenever the process dies, the newest
   * complete checkpoint has one of the three names.
   *
   * @param currentIsWhole see `rotate`
   * @param confirm called before each change of what has a name; what it throws leaves the older checkpoints as they were
   * @throws WriteError (full disk, missing permission), with the older checkpoints untouched
   */
  write(checkpoint: Checkpoint, currentIsWhole = true, confirm?: () => void): void {
    replaceFile(this.files.next, this.kind.encode(checkpoint), confirm);
    confirm?.();
    this.rotate(currentIsWhole);
  }

  /**
   * Makes the next checkpoint the current one, and that the previous one.
   *
   * @param currentIsWhole false: the current one is damaged and is replaced; the previous one is the last before it and stays
   * @throws WriteError where they cannot be renamed
   */
  rotate(currentIsWhole: boolean): void {
    const { next, current, previous } = this.files;
    try {
      if (currentIsWhole && existsSync(current)) renameSync(current, previous);
      renameSync(next, current);
    } catch (error) {
      throw writeError(current, error);
    }
  }

  /**
   * Finds the newest checkpoint that is whole: the next one, if the process died before it was renamed, else the current one,
   * else the previous one. Another process may be writing checkpoints meanwhile.
   *
   * @param onMessage told when a damaged one was passed over, and why
   * @returns the checkpoint, and which of the three files it is
   * @throws CheckpointError when there is none, or one is there that the process has no right to read
   */
  find(onMessage?: (text: string) => void): { readonly checkpoint: Checkpoint; readonly path: string } {
    const { next, current, previous } = this.files;
    const problems = new Map<string, string>();
    // Renaming moves each to a name that comes later. Only a run's first may appear after the look: look again.
    for (const path of [next, current, previous, next, current]) {
      if (problems.has(path)) continue;
      try {
        const checkpoint = this.read(path);
        if (checkpoint === undefined) continue;
        if (problems.size > 0) {
          const told = [...problems.values()].join(' ');
          onMessage?.(`${told} Using ${basename(path)} instead, of step ${checkpoint.step}.`);
        }
        return { checkpoint, path };
      } catch (error) {
        if (!(error instanceof CheckpointError) || isPermissionMissing(error.cause)) throw error;
        problems.set(path, error.message);
      }
    }
    const nothing = `${current}: no such checkpoint. ${this.kind.advice(this.folder)}`;
    throw new CheckpointError([...problems.values()].join(' ') || nothing);
  }

  /** Reads one of the files, as `readWhole`. */
  read(path: string): Checkpoint | undefined {
    return readWhole(path, this.kind.decode);
  }
}

/**
 * Reads one checkpoint file; undefined where there is none.
 *
 * @throws CheckpointError when it cannot be read or is damaged
 */
export function readWhole<Checkpoint>(
  path: string,
  decode: (file: Uint8Array, path: string) => Checkpoint,
): Checkpoint | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const reason = isPermissionMissing(error) ? 'permission denied; make it readable for you' : message;
    throw new CheckpointError(`${path}: cannot be read (${reason}).`, { cause: error });
  }
  return decode(bytes, path);
}

function isPermissionMissing(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
