import { beside, STRIP_ENDING } from '../output/write-images.js';
import type { Task } from '../sweep/running/task.js';

/** Options of commands that name what they write. */
export const OUTPUTS = ['--receipt', '--out', '--statistics', '--save', '--pictures'];
/** Options that name what is read from this machine: data sets, models and networks of scores. */
const INPUTS = [
  ...['--data', '--model', '--reference', '--training'],
  ...['--evaluator', '--feature-network', '--second-feature-network', '--inception-weights'],
];

/** Files and folders that are the result of a task, as seen from the folder of its sweep. */
export function outputsOf({ command, output }: Pick<Task, 'command' | 'output'>): readonly string[] {
  const named = command.filter((_, i) => OUTPUTS.includes(command[i - 1] ?? ''));
  const strips = command.includes('--steps-strip') ? named.map((path) => beside(path, STRIP_ENDING)) : [];
  return named.length > 0 ? [...named, ...strips] : [output];
}

/** Whether every output of a task is among some files, or has some of them below it. */
export const isComplete = (task: Pick<Task, 'command' | 'output'>, files: readonly string[]): boolean =>
  outputsOf(task).every((path) => files.some((file) => file === path || file.startsWith(`${path}/`)));

export const isTraining = ({ command }: Pick<Task, 'command'>): boolean => command[0] === 'train';

/** A command with other paths of what it reads. @param replace given the path */
export function withInputs(command: readonly string[], replace: (path: string) => string): readonly string[] {
  return command.map((argument, i) => (INPUTS.includes(command[i - 1] ?? '') ? replace(argument) : argument));
}
