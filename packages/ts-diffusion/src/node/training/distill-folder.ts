import { existsSync } from 'node:fs';
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
import { record, signature, text } from '../../utils/arguments.js';
import { readJsonFile } from '../formats/read-json.js';
import { CheckpointFolder, METRICS, openOptions, type FolderKind, type OpenOptions } from './checkpoint-folder.js';
import { MetricsFile } from './metrics.js';

const CONFIG = 'distill.json';
/** Under the name by which a folder's model is read: the commands that draw take the folder as they take a run's. */
const STUDENT = 'model.safetensors';

const distillations: FolderKind<DistillCheckpoint> = {
  config: CONFIG,
  checkpoints: {
    name: 'distillation',
    encode: encodeDistillCheckpoint,
    decode: decodeDistillCheckpoint,
    advice: () => 'Give the folder of a distillation that has written one.',
  },
};

const createArguments = signature('DistillFolder.create', { path: text, config: record, options: openOptions });
const resumeArguments = signature('DistillFolder.resume', { path: text, options: openOptions });

/**
 * The folder of a distillation: `distill.json`, `metrics.jsonl`, `distillation.safetensors` and the one before, the student so far in
 * `model.safetensors`, and `samples/step-000200.png`.
 */
export class DistillFolder implements DistillStore {
  readonly path: string;
  readonly #folder: CheckpointFolder<DistillCheckpoint>;

  private constructor(folder: CheckpointFolder<DistillCheckpoint>) {
    this.path = folder.path;
    this.#folder = folder;
  }

  /**
   * Makes the folder of a new distillation. That of one that failed or was killed before it had metrics is used again.
   *
   * @throws RunFolderError where it holds something or is in use; WriteError when it cannot be made or written
   */
  static create(path: string, config: DistillConfig, opening: OpenOptions = {}): DistillFolder {
    createArguments({ path, config, options: opening });
    resolveDistillConfig(config);
    return new DistillFolder(CheckpointFolder.create(path, distillations, config, opening));
  }

  /**
   * Opens the folder of a distillation to continue it.
   *
   * @throws RunFolderError where there is none or it is in use; WriteError when it cannot be written
   */
  static resume(path: string, opening: OpenOptions = {}): DistillFolder {
    resumeArguments({ path, options: opening });
    if (!existsSync(join(path, CONFIG))) {
      throw new RunFolderError(`${path}: there is no distillation to resume in this folder (no ${CONFIG}).`);
    }
    return new DistillFolder(CheckpointFolder.open(path, distillations, opening));
  }

  /** Writes `distill.json`. @throws WriteError when it cannot be written, RunFolderError when the lock is lost */
  saveConfig(config: DistillConfig): void {
    this.#folder.saveConfig(config);
  }

  /** As in `distill.json`. @throws ConfigError when it was edited into something invalid, or cannot be read */
  readConfig(): DistillConfig {
    const path = join(this.path, CONFIG);
    return resolveDistillConfig(readJsonFile(path) as object, path);
  }

  /** True once a checkpoint has been written, whole or damaged since. */
  get hasCheckpoint(): boolean {
    return this.#folder.checkpoints.exists;
  }

  /**
   * The newest checkpoint that is whole. One that a kill left before it had its name gets it now.
   *
   * @param onMessage told of a damaged one that is passed over
   * @throws CheckpointError when there is none, or one is there that the process has no right to read
   * @throws RunFolderError when the lock is lost, WriteError where it cannot be renamed
   */
  readCheckpoint(onMessage?: (text: string) => void): DistillCheckpoint {
    return this.#folder.readCheckpoint(onMessage);
  }

  openMetrics(step: number): MetricsLog {
    return new MetricsFile(join(this.path, METRICS), step, () => {
      this.#folder.verifyLock();
    });
  }

  /**
   * Puts a checkpoint in its place, so that a kill at any moment leaves a whole one. The student goes first: a run that was killed in
   * between goes on from the checkpoint before, and one whose last checkpoint is there has the student of it.
   *
   * @throws RunFolderError when the lock is lost, WriteError when it cannot be written
   */
  writeCheckpoint(checkpoint: DistillCheckpoint, student: PipelineModel): void {
    const { step } = checkpoint;
    this.#folder.replace(join(this.path, STUDENT), encodeModel(student, { origin: { step, averaged: true } }));
    this.#folder.writeCheckpoint(checkpoint);
  }

  /** Where the picture of a step goes. */
  samplePath(step: number): string {
    return this.#folder.samplePath(step);
  }

  /** Lets other processes use the folder. */
  close(): void {
    this.#folder.close();
  }
}
