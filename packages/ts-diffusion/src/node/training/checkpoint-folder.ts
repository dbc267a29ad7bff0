import { accessSync, constants, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunFolderError } from '../../training/errors.js';
import { count, flag, options, signature, text } from '../../utils/arguments.js';
import { CheckpointError, UserError } from '../../utils/errors.js';
import { makeFolder, replaceFile, writeError } from '../files/atomic-file.js';
import { CheckpointSet, type CheckpointKind } from './checkpoint-set.js';
import { RunLock } from './run-lock.js';

export const METRICS = 'metrics.jsonl';
export const SAMPLES = 'samples';
const LOCK = 'run.lock';

/** How a run folder is opened. */
export interface OpenOptions {
  /** Also where this machine cannot tell whether the process that locked the folder still runs. Default: no. */
  readonly takeOver?: boolean | undefined;
  /** Also from the holder with this nonce in its lock (`lockHolder`), though it runs. Default: from nobody who runs. */
  readonly replaces?: string | undefined;
}

/** `OpenOptions` as arguments. */
export const openOptions = options({ takeOver: flag.optional(), replaces: text.optional() });

/** A kind of folder of runs. */
export interface FolderKind<Checkpoint extends { readonly step: number }> {
  /** The file of the configuration. */
  readonly config: string;
  readonly checkpoints: CheckpointKind<Checkpoint>;
}

const samplePathArguments = signature('folder.samplePath', { step: count });

/**
 * What the folders of all kinds of runs have in common: one process at a time has the lock and writes, the configuration is a JSON file,
 * and checkpoints survive a kill at any moment.
 */
export class CheckpointFolder<Checkpoint extends { readonly step: number }> {
  readonly checkpoints: CheckpointSet<Checkpoint>;
  readonly #config: string;
  readonly #lock: RunLock;
  /** Whether the file of the current checkpoint, if there is one, can be gone on from. */
  #currentIsWhole = true;
  /** Of which step it is, where that is known. */
  #currentStep: number | undefined;

  private constructor(
    readonly path: string,
    kind: FolderKind<Checkpoint>,
    lock: RunLock,
  ) {
    this.checkpoints = new CheckpointSet(path, kind.checkpoints);
    this.#config = kind.config;
    this.#lock = lock;
  }

  /**
   * Makes the folder of a new run and saves its configuration. The folder of a run that failed or was killed before its
   * training began, because its data were missing, say, is used again.
   *
   * @throws RunFolderError when the folder already holds something or is in use; WriteError when it cannot be made or written
   */
  static create<Checkpoint extends { readonly step: number }>(
    path: string,
    kind: FolderKind<Checkpoint>,
    config: object,
    opening: OpenOptions,
  ): CheckpointFolder<Checkpoint> {
    if (hasBegun(path, kind)) {
      throw new RunFolderError(
        `${path}: this folder already contains a run. Resume it with --resume, or choose another folder.`,
      );
    }
    if (existsSync(path) && !existsSync(join(path, kind.config)) && !listFolder(path).every(precedesConfig)) {
      throw new RunFolderError(`${path}: this folder is not empty. Choose a new or an empty folder for the run.`);
    }
    const folder = CheckpointFolder.open(path, kind, opening);
    try {
      folder.saveConfig(config);
      return folder;
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** Takes the folder for this process, and removes what a killed one left half written. @throws RunFolderError, WriteError */
  static open<Checkpoint extends { readonly step: number }>(
    path: string,
    kind: FolderKind<Checkpoint>,
    { takeOver, replaces }: OpenOptions,
  ): CheckpointFolder<Checkpoint> {
    try {
      makeFolder(path);
      makeFolder(join(path, SAMPLES));
      accessSync(path, constants.W_OK);
      const lock = RunLock.acquire(join(path, LOCK), { takeOver, replaces });
      try {
        for (const directory of [path, join(path, SAMPLES)]) {
          for (const name of readdirSync(directory).filter(isUnfinished)) {
            rmSync(join(directory, name), { force: true });
          }
        }
      } catch (error) {
        lock.release();
        throw error;
      }
      return new CheckpointFolder(path, kind, lock);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw writeError(path, error);
    }
  }

  /** @throws RunFolderError when this process has lost the folder's lock: it must write nothing more there */
  verifyLock(): void {
    this.#lock.verify();
  }

  /** Writes the configuration. @throws as `replace` */
  saveConfig(config: object): void {
    this.replace(join(this.path, this.#config), `${JSON.stringify(config, undefined, 2)}\n`);
  }

  /** Replaces a file. @throws WriteError when it cannot be written, RunFolderError when the lock is lost */
  replace(path: string, data: Uint8Array | string): void {
    this.#lock.whileHeld((confirm) => {
      replaceFile(path, data, confirm);
    });
  }

  /**
   * The newest checkpoint that is whole, as `CheckpointSet.find`. Where a kill came between writing and renaming the newest one, it
   * gets its name now: the checkpoint after it must not take its place, and the one before it must not be lost.
   *
   * @throws also RunFolderError as `verifyLock` does, WriteError where it cannot be renamed
   */
  readCheckpoint(onMessage?: (text: string) => void): Checkpoint {
    const { next, current } = this.checkpoints.files;
    const { checkpoint, path } = this.checkpoints.find(onMessage);
    if (path === next) {
      this.verifyLock();
      this.checkpoints.rotate(this.readIfWhole(current) !== undefined);
    } else {
      this.#currentIsWhole = path === current;
    }
    this.#currentStep = checkpoint.step;
    return checkpoint;
  }

  /** A checkpoint file, where there is one and it is whole. */
  readIfWhole(path: string): Checkpoint | undefined {
    try {
      return this.checkpoints.read(path);
    } catch (error) {
      if (error instanceof CheckpointError) return undefined;
      throw error;
    }
  }

  /**
   * As `CheckpointSet.write`, while the lock is held. One of the same step as the current one takes its place: the previous one stays of
   * an earlier step.
   *
   * @throws RunFolderError as `verifyLock`
   */
  writeCheckpoint(checkpoint: Checkpoint): void {
    const isNewStep = checkpoint.step !== this.#currentStep;
    this.#lock.whileHeld((confirm) => {
      this.checkpoints.write(checkpoint, this.#currentIsWhole && isNewStep, confirm);
    });
    this.#currentIsWhole = true;
    this.#currentStep = checkpoint.step;
  }

  /** Where the sample grid of a step goes. */
  samplePath(step: number): string {
    samplePathArguments({ step });
    return join(this.path, SAMPLES, `step-${String(step).padStart(6, '0')}.png`);
  }

  /** Lets other processes use the folder. */
  close(): void {
    this.#lock.release();
  }
}

/** Whether the run in a folder has come as far as its metrics or a checkpoint, which may be damaged since. */
export function hasBegun<Checkpoint extends { readonly step: number }>(
  path: string,
  { checkpoints }: FolderKind<Checkpoint>,
): boolean {
  return existsSync(join(path, METRICS)) || new CheckpointSet(path, checkpoints).exists;
}

/** What there is in the folder of a run before its configuration. */
const precedesConfig = (name: string): boolean => name === SAMPLES || name.startsWith(LOCK) || isUnfinished(name);

/** A file that `writeFileAtomic` or a lock's taker had not finished. */
const isUnfinished = (name: string): boolean => name.endsWith('.tmp') || name.startsWith(`${LOCK}.`);

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw new RunFolderError(`${path}: cannot be used as a run folder (${(error as Error).message}).`);
  }
}
