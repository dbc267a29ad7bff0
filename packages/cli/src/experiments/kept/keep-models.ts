import { ConfigError, UserError } from 'ts-diffusion/errors';
import type { TrainConfig } from 'ts-diffusion/train';
import { trainingOf } from '../../sweep/cells/cell-tasks.js';
import type { Training } from '../../sweep/cells/cell.js';
import { places, type SweepFolder } from '../../sweep/running/sweep-folder.js';
import type { Task } from '../../sweep/running/task.js';
import type { PlannedCell } from '../planned-cells.js';
import { trainCommand } from '../study-commands.js';
import { keepRun, keptFiles, PLACES } from './keep-run.js';
import { keptName } from './kept-name.js';
import { readKeptReceipt } from './kept-receipt.js';

/** A training of a study with the command that repeats it. */
interface Kept {
  readonly training: Training;
  readonly name: string;
  readonly command: string;
}

/** Fields of a budget, by which two trainings of one name are told apart. */
const BUDGET: readonly (keyof TrainConfig)[] = [
  ...(['steps', 'batchSize', 'channels', 'learningRate', 'warmupSteps'] as const),
  ...(['learningRateDecay', 'optimizer', 'adamBeta1'] as const),
];

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

  /** Keeps what is finished already. @returns a line for each model that was written, or could not be */
  keepFinished(): readonly string[] {
    return this.#trainings.flatMap((each) => this.#tryToKeep(each) ?? []);
  }

  /** Keeps the model of a task that trained it, and nothing after another task. @returns what to tell of it */
  keepAfter(task: Task): string | undefined {
    const trained = this.#trainings.find(({ training }) => training.key === task.id);
    return trained && this.#tryToKeep(trained);
  }

  #tryToKeep({ training, name, command }: Kept): string | undefined {
    try {
      const path = keepRun(this.folder.in(places.training(training.key)), this.path, command);
      return path && `kept: ${path}`;
    } catch (error) {
      // The checkpoint is still there: the next run of the study tries again.
      if (!(error instanceof UserError)) throw error;
      process.exitCode = 1;
      return `${name} could not be kept: ${error.message}`;
    }
  }

  #checkBudget({ training, name }: Kept): void {
    const [, path] = keptFiles(this.path, name);
    const receipt = readKeptReceipt(path);
    const field = BUDGET.find(
      (each) => receipt !== undefined && JSON.stringify(receipt.config[each]) !== JSON.stringify(training.config[each]),
    );
    if (field === undefined) return;
    throw new ConfigError(
      `${path}: the model kept there has ${field} ${JSON.stringify(receipt?.config[field])}, and this study trains with ` +
        `${JSON.stringify(training.config[field])}. Give --keep another folder, or draw from it with --from-kept.`,
    );
  }
}
