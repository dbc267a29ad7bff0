import { trainConfigSchema } from 'ts-diffusion/train';
import { flagArguments } from '../options/schema-flags.js';
import { trainingOf } from '../sweep/cells/cell-tasks.js';
import { places } from '../sweep/running/sweep-folder.js';
import { describeBudget } from './budget.js';
import type { PlannedCell } from './planned-cells.js';
import type { Study } from './study.js';

/**
 * The command that trains the model of a cell anew, in the folder of a study; undefined where the cell has no training.
 *
 * @param without fields of the training that it leaves out, such as places on this machine
 */
export function trainCommand({ fields, cell }: PlannedCell, without: readonly string[] = []): string | undefined {
  const training = cell && trainingOf(cell);
  if (training === undefined) return undefined;
  const section = 'train.';
  const ofTraining = Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      name.startsWith(section) && !without.includes(name.slice(section.length))
        ? [[name.slice(section.length), value]]
        : [],
    ),
  );
  return [
    `diffusion train --preset paper --run ${places.training(training.key)}`,
    ...flagArguments(trainConfigSchema, { ...ofTraining, sampleEvery: 0 }),
  ].join(' ');
}

/** The command that runs, or goes on with, the whole study. @param kept folder of the models that its cells are drawn from */
export function studyCommand({ budget, protocols, parts }: Study, folder: string, kept?: string): string {
  return [
    `diffusion reproduce --out ${folder} --budget ${describeBudget(budget)} --protocols ${protocols.join(',')} --parts ${parts.join(',')}`,
    ...(kept === undefined ? [] : [`--from-kept ${kept}`]),
  ].join(' ');
}
