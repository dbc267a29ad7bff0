import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { encodeModel } from 'ts-diffusion';
import { ConfigError, UserError } from 'ts-diffusion/errors';
import { hasTrained, loadModel, sha256Hex, writeFileAtomic } from 'ts-diffusion/node';
import type { TrainConfig } from 'ts-diffusion/train';
import { gitCommit } from '../../git-commit.js';
import { trainingOf } from '../../sweep/cells/cell-tasks.js';
import type { Training } from '../../sweep/cells/cell.js';
import { places, type SweepFolder } from '../../sweep/running/sweep-folder.js';
import type { Task } from '../../sweep/running/task.js';
import { packageVersion } from '../../version.js';
import type { PlannedCell } from '../planned-cells.js';
import { trainCommand } from '../study-commands.js';
import { keptName } from './kept-name.js';
import { readKeptReceipt, writeKeptReceipt } from './kept-receipt.js';

/** A training of a study with the command that repeats it. */
interface Kept {
  readonly training: Training;
  readonly name: string;
  readonly command: string;
}

/** Fields that say where and how fast, not what is trained. */
const PLACES: readonly string[] = ['data', 'initialWeights', 'threads', 'offline'];

/** Fields of a budget, by which two trainings of one name are told apart. */
const BUDGET = [
  ...['steps', 'batchSize', 'channels', 'learningRate', 'warmupSteps', 'learningRateDecay', 'optimizer', 'adamBeta1'],
] as const;

/** Writes the averaged weights of finished trainings as float16 safetensors, each with a receipt, into a folder that is kept. */
export class KeepModels {
  readonly #trainings: readonly Kept[];

  /**
   * @param path folder of the kept models
   * @param planned the cells of the study, by whose trainings models are named
   * @throws ConfigError where the folder has a model of the same name that was trained by another budget
   */
  constructor(
    private readonly path: string,
    private readonly folder: SweepFolder,
    planned: readonly PlannedCell[],
  ) {
    const all = planned.flatMap((each): Kept[] => {
      const training = each.cell && trainingOf(each.cell);
      return training === undefined
        ? []
        : [{ training, name: keptName(training.config), command: trainCommand(each, PLACES) ?? '' }];
    });
    this.#trainings = [...new Map(all.map((each) => [each.training.key, each])).values()];
    for (const each of this.#trainings) this.#checkBudget(each);
  }

  /** Keeps what is finished already. @returns a line for each model that was written @throws WriteError, CheckpointError */
  keepFinished(): readonly string[] {
    return this.#trainings.flatMap((each) => this.#keep(each) ?? []);
  }

  /** Keeps the model of a task that trained it, and nothing after another task. @returns what to tell of it */
  keepAfter(task: Task): string | undefined {
    const trained = this.#trainings.find(({ training }) => training.key === task.id);
    if (trained === undefined) return undefined;
    try {
      return this.#keep(trained);
    } catch (error) {
      // The checkpoint is still there: the next run of the study tries again.
      if (!(error instanceof UserError)) throw error;
      process.exitCode = 1;
      return `${trained.name} could not be kept: ${error.message}`;
    }
  }

  #keep({ training, name, command }: Kept): string | undefined {
    const { key, config } = training;
    const run = this.folder.in(places.training(key));
    if (!hasTrained(run)) return undefined;
    const { model, step, averaged } = loadModel(run);
    if (step !== config.steps) return undefined;
    const bytes = encodeModel(model, { half: true, origin: { step, averaged } });
    const sha256 = sha256Hex(bytes);
    const [weights, receipt] = this.#files(name);
    if (existsSync(weights) && readKeptReceipt(receipt)?.sha256 === sha256) return undefined;
    writeFileAtomic(weights, bytes);
    writeKeptReceipt(receipt, {
      program: `ts-diffusion ${packageVersion()}`,
      ...{ commit: gitCommit(), command, config: withoutPlaces(config), step, averaged: true },
      ...{ data: model.trainedOn ?? null, sha256 },
    });
    return `kept: ${weights}`;
  }

  #checkBudget({ training, name }: Kept): void {
    const [, path] = this.#files(name);
    const receipt = readKeptReceipt(path);
    const field = BUDGET.find(
      (each) =>
        receipt !== undefined &&
        JSON.stringify(receipt.config[each]) !== JSON.stringify((training.config as Record<string, unknown>)[each]),
    );
    if (field === undefined) return;
    throw new ConfigError(
      `${path}: the model kept there has ${field} ${JSON.stringify(receipt?.config[field])}, and this study trains with ` +
        `${JSON.stringify((training.config as Record<string, unknown>)[field])}. Give --keep another folder, or draw from it with --from-kept.`,
    );
  }

  #files(name: string): readonly [weights: string, receipt: string] {
    return [join(this.path, `${name}.safetensors`), join(this.path, `${name}.json`)];
  }
}

function withoutPlaces(config: TrainConfig): Record<string, never> {
  const entries = Object.entries(config).filter(([name]) => !PLACES.includes(name));
  return JSON.parse(JSON.stringify(Object.fromEntries(entries))) as Record<string, never>;
}
