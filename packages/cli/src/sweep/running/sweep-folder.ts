import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError, DataError } from 'ts-diffusion/errors';
import type { Receipt } from 'ts-diffusion/evaluation';
import {
  hasTrained,
  loadCheckpoint,
  readReceipt,
  readTrainConfigFile,
  RunLock,
  writeFileAtomic,
} from 'ts-diffusion/node';
import { needsToneCurve } from 'ts-diffusion/train';
import type { Cell, Training } from '../cells/cell.js';

/** How far a training is. */
export interface TrainingProgress {
  /** Steps taken. */
  readonly step: number;
  /** Whether nothing is left to do. */
  readonly isFinished: boolean;
}

/** Where things are, as seen from the folder of the sweep, with `/` on every system. */
export const places = {
  /** The run folder of a training. */
  training: (key: string): string => `trainings/${key}`,
  /** Receipt, picture and error of a cell. */
  cell: (key: string): string => `cells/${key}`,
  receipt: (key: string): string => `cells/${key}/receipt.json`,
  /** All images of a cell, an IDX pair. */
  samples: (key: string): string => `cells/${key}/samples`,
  /** Pictures of its evaluation. */
  pictures: (key: string): string => `cells/${key}/pictures`,
  /** @param perClass images of each class */
  picture: (key: string, perClass: number): string => `cells/${key}/samples-${perClass}.png`,
};

const PURPOSE = {
  activity: 'running a sweep',
  afterLoss: 'Run the same command again to go on.',
};

/**
 * The folder of a sweep: `trainings/KEY` (run folders), `cells/KEY` (`receipt.json`, `setting.json`, and `error.txt` of a failed one),
 * `sweep.html`, `sweep.md`. What is in it is known by hashes, so that plans may share a folder.
 */
export class SweepFolder {
  constructor(readonly path: string) {}

  /**
   * Takes the folder for this process.
   *
   * @param takeOver also from a sweep of which this machine cannot tell whether it still runs
   * @throws RunFolderError while another sweep runs in it
   */
  lock(takeOver = false): RunLock {
    mkdirSync(this.path, { recursive: true });
    return RunLock.acquire(join(this.path, 'sweep.lock'), { takeOver, purpose: PURPOSE });
  }

  in(place: string): string {
    return join(this.path, place);
  }

  /** How far a training is; not begun without a checkpoint that can be read. */
  progressOf({ key }: Training): TrainingProgress {
    const run = this.in(places.training(key));
    const none = { step: 0, isFinished: false };
    try {
      if (!hasTrained(run)) return none;
      const checkpoint = loadCheckpoint(run);
      const { step, config } = checkpoint;
      return { step, isFinished: step >= config.steps && !needsToneCurve(checkpoint) };
    } catch (error) {
      if (error instanceof CheckpointError) return none;
      throw error;
    }
  }

  /** The scores of a cell; undefined where it is not done, or its receipt is damaged. */
  receipt({ key }: Pick<Cell, 'key'>): Receipt | undefined {
    try {
      return readReceipt(this.in(places.receipt(key)));
    } catch (error) {
      if (error instanceof DataError) return undefined;
      throw error;
    }
  }

  /** Why a cell failed when it was last tried. */
  error({ key }: Pick<Cell, 'key'>): string | undefined {
    const path = this.#errorFile(key);
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  }

  /** @param error undefined: it did not fail */
  setError({ key }: Pick<Cell, 'key'>, error: string | undefined): void {
    if (error !== undefined) writeFileAtomic(this.#errorFile(key), `${error}\n`);
    else rmSync(this.#errorFile(key), { force: true });
  }

  /** Writes down what a training is, which is where its process begins, and what a cell is, for people. */
  prepare({ key, setting, model, sampling, weights, evaluation }: Cell): void {
    if (model.kind === 'training') this.#prepareTraining(model.training);
    const from = model.kind === 'training' ? { training: model.training.key } : { model: model.model };
    writeFileAtomic(
      this.in(`${places.cell(key)}/setting.json`),
      toJson({ setting, from, sampling, weights, evaluation }),
    );
  }

  /** Also of a training that is there: its images may have another place since. */
  #prepareTraining({ key, config }: Training): void {
    const run = this.in(places.training(key));
    const path = join(run, 'config.json');
    // A run that has begun keeps the name of its initial weights, which it has no more use for.
    const isBegun = config.initialWeights !== undefined && existsSync(path) && hasTrained(run);
    const { initialWeights } = isBegun ? readTrainConfigFile(path) : config;
    writeFileAtomic(path, toJson({ ...config, initialWeights }));
  }

  #errorFile(key: string): string {
    return this.in(`${places.cell(key)}/error.txt`);
  }
}

const toJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
