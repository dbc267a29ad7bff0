import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrainConfig } from '../../training/check-config.js';
import { resolveTrainConfig } from '../../training/resolve-config.js';
import type { TrainConfig } from '../../training/config.js';
import { CheckpointError } from '../../utils/errors.js';
import { readCheckpointFile, trainingCheckpoints, type Checkpoint } from './checkpoint.js';
import {
  CheckpointFolder,
  hasBegun,
  METRICS,
  openOptions,
  SAMPLES,
  type FolderKind,
  type OpenOptions,
} from './checkpoint-folder.js';
import type { CheckpointFiles } from './checkpoint-set.js';
import { readTrainConfigFile } from './config-file.js';
import { RunFolderError } from '../../training/errors.js';
import { encodeCheckpoint } from '../../training/checkpoint-format.js';
import { EventFile, eventFiles } from './event-file.js';
import { MetricsFile, readWatched } from './metrics.js';
import { isWholePng } from '../../formats/png-header.js';
import type { WatchedLine } from '../../training/metrics-window.js';
import type { BestWeights, MetricsLog, MetricsOptions, RunStore } from '../../training/run-store.js';
import { count, flag, options, record, signature, text } from '../../utils/arguments.js';

const CONFIG = 'config.json';
const BEST = 'best.safetensors';

const trainings: FolderKind<Checkpoint> = { config: CONFIG, checkpoints: trainingCheckpoints };

const createArguments = signature('RunFolder.create', { path: text, config: record, options: openOptions });
const openMetricsArguments = signature('folder.openMetrics', {
  step: count,
  options: options({ tensorboard: flag.optional(), eventsMissing: flag.optional() }),
});
const readSamplesArguments = signature('folder.readSamples', { step: count });
const resumeArguments = signature('RunFolder.resume', { path: text, options: openOptions });

/**
 * The folder of a training run:
 * `config.json`, `metrics.jsonl`, `checkpoint.safetensors`, `checkpoint.previous.safetensors`, `samples/step-000500.png`,
 * and, where they were asked for, `best.safetensors` and TensorBoard's `events.out.tfevents.TIME.NUMBER`.
 */
export class RunFolder implements RunStore {
  readonly path: string;
  readonly checkpointFiles: CheckpointFiles;
  readonly #folder: CheckpointFolder<Checkpoint>;
  #events: EventFile | undefined;

  private constructor(folder: CheckpointFolder<Checkpoint>) {
    this.path = folder.path;
    this.checkpointFiles = folder.checkpoints.files;
    this.#folder = folder;
  }

  /**
   * Makes the folder of a new run and saves its configuration. The folder of a run that failed or was killed before its
   * training began, because its data were missing, say, is used again.
   *
   * @throws RunFolderError when the folder already holds something or is trained in; WriteError when it cannot be made or
   *   written
   */
  static create(path: string, config: TrainConfig, opening: OpenOptions = {}): RunFolder {
    createArguments({ path, config, options: opening });
    parseTrainConfig(config);
    return new RunFolder(CheckpointFolder.create(path, trainings, config, opening));
  }

  /**
   * Opens the folder of a run to continue it.
   *
   * @throws RunFolderError when there is no run in it, or it is trained in; WriteError when it cannot be written
   */
  static resume(path: string, opening: OpenOptions = {}): RunFolder {
    resumeArguments({ path, options: opening });
    if (!holdsRun(path) && !hasTrained(path)) {
      throw new RunFolderError(
        `${path}: there is no run to resume in this folder (neither config.json nor checkpoint).`,
      );
    }
    return new RunFolder(CheckpointFolder.open(path, trainings, opening));
  }

  /**
   * The configuration as it is in `config.json`; undefined where that was removed.
   *
   * @throws ConfigError when it was edited into something invalid, or cannot be read
   */
  readConfig(): TrainConfig | undefined {
    const path = join(this.path, CONFIG);
    return existsSync(path) ? resolveTrainConfig('paper', readTrainConfigFile(path)) : undefined;
  }

  /** @throws RunFolderError when this process has lost the folder's lock: it must write nothing more there */
  verifyLock(): void {
    this.#folder.verifyLock();
  }

  /** Writes `config.json`. @throws WriteError when it cannot be written, RunFolderError when the lock is lost */
  saveConfig(config: TrainConfig): void {
    this.#folder.saveConfig(config);
  }

  /** True once a checkpoint has been written, whole or damaged since. */
  get hasCheckpoint(): boolean {
    return this.#folder.checkpoints.exists;
  }

  /**
   * The newest checkpoint that is whole. One that a kill left before it had its name gets it now.
   *
   * @param onMessage told of checkpoints that are damaged, and of best weights that are damaged or missing
   * @throws CheckpointError when there is none, or one is there that the process has no right to read
   * @throws RunFolderError as `verifyLock` does, WriteError where it cannot be renamed
   */
  readCheckpoint(onMessage?: (text: string) => void): Checkpoint {
    const checkpoint = this.#folder.readCheckpoint(onMessage);
    const lost = this.#lostBest(checkpoint);
    if (lost !== undefined) onMessage?.(`${lost} The next weights that are watched take their place.`);
    return checkpoint;
  }

  /** What is wrong with the best weights of a run that has some, by its metrics up to a checkpoint. */
  #lostBest({ step, config }: Checkpoint): string | undefined {
    const metrics = join(this.path, METRICS);
    const watched = existsSync(metrics) ? readWatched(metrics) : [];
    const isChosen = (line: WatchedLine): boolean => config.evaluateEvery === 0 || line.scores !== undefined;
    if (!watched.some((line) => line.step <= step && isChosen(line))) return undefined;
    const path = bestWeightsFile(this.path);
    try {
      return readCheckpointFile(path) === undefined ? `${path}: the best weights are missing.` : undefined;
    } catch (error) {
      if (error instanceof CheckpointError) return error.message;
      throw error;
    }
  }

  /** The checkpoint before the newest one, where it is whole. */
  readPreviousCheckpoint(): Checkpoint | undefined {
    return this.#folder.readIfWhole(this.checkpointFiles.previous);
  }

  /**
   * Puts a checkpoint in its place, so that a kill at any moment leaves a whole one. One of the same step, which has the curve that the
   * current one lacks, takes its place: the previous one stays of an earlier step.
   *
   * @throws RunFolderError as `verifyLock` does, WriteError (full disk, missing permission), with the older checkpoints untouched
   */
  writeCheckpoint(checkpoint: Checkpoint): void {
    this.#folder.writeCheckpoint(checkpoint);
  }

  /** The best weights of the run so far, in `best.safetensors`, a checkpoint like the others. */
  get best(): BestWeights {
    const path = bestWeightsFile(this.path);
    return {
      read: () => {
        const { step, selection } = this.#folder.readIfWhole(path) ?? {};
        return step === undefined || selection === undefined ? undefined : { step, selection };
      },
      write: (checkpoint) => {
        this.#folder.replace(path, encodeCheckpoint(checkpoint));
      },
    };
  }

  /**
   * Opens `metrics.jsonl` for a run that has taken `step` steps, and with `tensorboard` a new event file. That begins with what the
   * files before do not hold for sure: the step that the run goes on after, and in a run that was without event files all there is.
   */
  openMetrics(step: number, choice: MetricsOptions = {}): MetricsLog {
    openMetricsArguments({ step, options: choice });
    const verify = (): void => {
      this.verifyLock();
    };
    const metrics = new MetricsFile(join(this.path, METRICS), step, verify);
    if (choice.tensorboard !== true) return metrics;
    const first = choice.eventsMissing === true || eventFiles(this.path).length === 0 ? 0 : step;
    const events = new EventFile(this.path, first, verify);
    this.#events = events;
    for (const line of metrics.kept) if (line.step >= first) events.addLine(line);
    for (const each of this.#sampleSteps()) if (each >= first && each <= step) this.recordSamples(each);
    return {
      get watchedStep() {
        return metrics.watchedStep;
      },
      append: (line) => {
        metrics.append(line);
        events.addLine(line);
      },
      flush: () => {
        metrics.flush();
        events.flush();
      },
      close: () => {
        this.#events = undefined;
        events.close();
        metrics.close();
      },
    };
  }

  /** Adds the sample grid of a step to the event file, where there is one and the grid is whole. */
  recordSamples(step: number): void {
    const png = this.readSamples(step);
    if (png !== undefined) this.#events?.addSamples(step, png);
  }

  /** The sample grid of a step; undefined where there is none, or one that is not whole. */
  readSamples(step: number): Uint8Array | undefined {
    readSamplesArguments({ step });
    const path = this.samplePath(step);
    if (!existsSync(path)) return undefined;
    const file = readFileSync(path);
    return isWholePng(file) ? file : undefined;
  }

  /** The steps that there are sample grids of, ascending. */
  #sampleSteps(): number[] {
    return readdirSync(join(this.path, SAMPLES))
      .flatMap((name) => /^step-(\d+)\.png$/.exec(name)?.slice(1) ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Where the sample grid of a step goes. */
  samplePath(step: number): string {
    return this.#folder.samplePath(step);
  }

  /** Lets other processes train in this folder. */
  close(): void {
    this.#folder.close();
  }
}

const bestWeightsFileArguments = signature('bestWeightsFile', { folder: text });

/** Where the best weights of a run folder are. */
export function bestWeightsFile(folder: string): string {
  bestWeightsFileArguments({ folder });
  return join(folder, BEST);
}

/** Whether a folder holds a training run. */
export function holdsRun(path: string): boolean {
  return existsSync(join(path, CONFIG));
}

const hasTrainedArguments = signature('hasTrained', { path: text });

/** Whether the run in a folder has come as far as a checkpoint, which may be damaged since. */
export function hasTrained(path: string): boolean {
  hasTrainedArguments({ path });
  return hasBegun(path, trainings);
}
