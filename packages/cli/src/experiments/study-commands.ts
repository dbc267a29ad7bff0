import { trainConfigSchema } from 'ts-diffusion/train';
import { commandLine } from '../options/command-line.js';
import type { NetworkFlags } from '../options/evaluation-options.js';
import type { DeviceFlags } from '../options/pipeline-options.js';
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
  return commandLine([
    ...['train', '--preset', 'paper', '--run', places.training(training.key)],
    ...flagArguments(trainConfigSchema, { ...ofTraining, sampleEvery: 0 }),
  ]);
}

/** What decides the results of a study besides what it is: as it was given, where it was. */
export interface StudyFlags extends Partial<Omit<NetworkFlags, 'offline'>>, Partial<DeviceFlags> {
  readonly data?: string | undefined;
  /** Folder of the models that its cells are drawn from. */
  readonly fromKept?: string | undefined;
  /** With the threads it says how many each cell has, whose sums depend on that in their last bits. */
  readonly jobs?: number | undefined;
}

/** The command that runs, or goes on with, the whole study. */
export function studyCommand({ budget, protocols, parts }: Study, folder: string, flags: StudyFlags): string {
  const { data, device = 'cpu', threads = 0, jobs, fid, fromKept } = flags;
  const given = {
    '--out': folder,
    '--budget': describeBudget(budget),
    '--protocols': protocols.join(','),
    '--parts': parts.join(','),
    '--from-kept': fromKept,
    '--data': data,
    '--evaluator': flags.evaluator,
    '--feature-network': flags.featureNetwork,
    '--second-feature-network': flags.secondFeatureNetwork,
    '--inception-weights': flags.inceptionWeights,
    '--device': device === 'cpu' ? undefined : device,
    '--jobs': jobs,
    '--threads': threads === 0 ? undefined : threads,
  };
  const options = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
  return commandLine(['reproduce', ...options, ...(fid === true ? ['--fid'] : [])]);
}
