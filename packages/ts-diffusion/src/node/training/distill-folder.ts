import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeDistillCheckpoint,
  encodeDistillCheckpoint,
  type DistillCheckpoint,
} from '../../distillation/distill-checkpoint.js';
import { resolveDistillConfig, type DistillConfig } from '../../distillation/distill-config.js';
import type { DistillStore } from '../../distillation/distill-run.js';
import { encodeModel } from '../../pipeline/export-model.js';
import type { PipelineModel } from '../../pipeline/pipeline-model.js';
import { RunFolderError } from '../../training/errors.js';
import type { MetricsLog } from '../../training/run-store.js';
import { count, flag, options, record, signature, text } from '../../utils/arguments.js';
import { CheckpointError } from '../../utils/errors.js';
import { makeFolder, replaceFile } from '../files/atomic-file.js';
import { readJsonFile } from '../formats/read-json.js';
import { rotateCheckpoints, type CheckpointFiles } from './checkpoint.js';
import { MetricsFile } from './metrics.js';
import { RunLock } from './run-lock.js';
import type { OpenOptions } from './run-folder.js';

const CONFIG = 'distill.json';
const METRICS = 'metrics.jsonl';
const SAMPLES = 'samples';
const LOCK = 'run.lock';
/** Under the name by which a folder's model is read: the commands that draw take the folder as they take a run's. */
const STUDENT = 'model.safetensors';

const openOptions = options({ takeOver: flag.optional() });
const createArguments = signature('DistillFolder.create', { path: text, config: record, options: openOptions });
const resumeArguments = signature('DistillFolder.resume', { path: text, options: openOptions });
const samplePathArguments = signature('folder.samplePath', { step: count });

/**
 * The folder of a distillation: `distill.json`, `metrics.jsonl`, `distillation.safetensors` and the one before, the student so far in
 * `model.safetensors`, and `samples/step-000200.png`.
 */
export class DistillFolder implements DistillStore {
  readonly #files: CheckpointFiles;
  readonly #lock: RunLock;
  #currentIsWhole = true;

  private constructor(
    readonly path: string,
    lock: RunLock,
  ) {
    this.#files = checkpointFiles(path);
    this.#lock = lock;
  }

  /** Makes the folder of a new distillation. @throws RunFolderError where it holds something or is in use, WriteError */
  static create(path: string, config: DistillConfig, opening: OpenOptions = {}): DistillFolder {
    createArguments({ path, config, options: opening });
    resolveDistillConfig(config);
    if (holdsCheckpoint(path)) {
      throw new RunFolderError(
        `${path}: this folder already contains a run. Resume it with --resume, or choose another folder.`,
      );
    }
    if (existsSync(path) && !holdsDistillation(path) && readdirSync(path).length > 0) {
      throw new RunFolderError(`${path}: this folder is not empty. Choose a new or an empty folder for the run.`);
    }
    const folder = DistillFolder.#open(path, opening.takeOver);
    try {
      folder.saveConfig(config);
      return folder;
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** Opens the folder of a distillation to continue it. @throws RunFolderError where there is none or it is in use, WriteError */
  static resume(path: string, opening: OpenOptions = {}): DistillFolder {
    resumeArguments({ path, options: opening });
    if (!holdsDistillation(path)) {
      throw new RunFolderError(`${path}: there is no distillation to resume in this folder (no ${CONFIG}).`);
    }
    return DistillFolder.#open(path, opening.takeOver);
  }

  static #open(path: string, takeOver?: boolean): DistillFolder {
    makeFolder(join(path, SAMPLES));
    return new DistillFolder(path, RunLock.acquire(join(path, LOCK), takeOver));
  }

  /** Writes `distill.json`. @throws WriteError when it cannot be written, RunFolderError when the lock is lost */
  saveConfig(config: DistillConfig): void {
    this.#replace(join(this.path, CONFIG), `${JSON.stringify(config, undefined, 2)}\n`);
  }

  /** As in `distill.json`. @throws ConfigError when it was edited into something invalid, or cannot be read */
  readConfig(): DistillConfig {
    const path = join(this.path, CONFIG);
    return resolveDistillConfig(readJsonFile(path) as object, path);
  }

  /** True once a checkpoint has been written, whole or damaged since. */
  get hasCheckpoint(): boolean {
    return holdsCheckpoint(this.path);
  }

  /**
   * The newest checkpoint that is whole.
   *
   * @param onMessage told of a damaged one that is passed over
   * @throws CheckpointError when there is none
   */
  readCheckpoint(onMessage?: (text: string) => void): DistillCheckpoint {
    const problems: string[] = [];
    for (const path of [this.#files.next, this.#files.current, this.#files.previous]) {
      if (!existsSync(path)) continue;
      try {
        const checkpoint = decodeDistillCheckpoint(readFileSync(path), path);
        if (problems.length > 0) onMessage?.(`${problems.join(' ')} Going on after step ${checkpoint.step}.`);
        this.#currentIsWhole = path !== this.#files.previous;
        return checkpoint;
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        problems.push(error.message);
      }
    }
    throw new CheckpointError(problems.join(' ') || `${this.#files.current}: no such checkpoint.`);
  }

  openMetrics(step: number): MetricsLog {
    return new MetricsFile(join(this.path, METRICS), step, () => {
      this.#lock.verify();
    });
  }

  /** @throws RunFolderError when the lock is lost, WriteError when it cannot be written */
  writeCheckpoint(checkpoint: DistillCheckpoint, student: PipelineModel): void {
    this.#replace(this.#files.next, encodeDistillCheckpoint(checkpoint));
    rotateCheckpoints(this.#files, this.#currentIsWhole);
    this.#currentIsWhole = true;
    this.#replace(
      join(this.path, STUDENT),
      encodeModel(student, { origin: { step: checkpoint.step, averaged: true } }),
    );
  }

  #replace(path: string, data: Uint8Array | string): void {
    this.#lock.whileHeld((confirm) => {
      replaceFile(path, data, confirm);
    });
  }

  /** Where the picture of a step goes. */
  samplePath(step: number): string {
    samplePathArguments({ step });
    return join(this.path, SAMPLES, `step-${String(step).padStart(6, '0')}.png`);
  }

  /** Lets other processes use the folder. */
  close(): void {
    this.#lock.release();
  }
}

function checkpointFiles(folder: string): CheckpointFiles {
  return {
    next: join(folder, 'distillation.next.safetensors'),
    current: join(folder, 'distillation.safetensors'),
    previous: join(folder, 'distillation.previous.safetensors'),
  };
}

function holdsCheckpoint(path: string): boolean {
  const { next, current, previous } = checkpointFiles(path);
  return [next, current, previous].some((file) => existsSync(file));
}

function holdsDistillation(path: string): boolean {
  return existsSync(join(path, CONFIG));
}
