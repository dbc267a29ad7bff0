import type { Task } from '../sweep/running/task.js';

/** Options of commands that name what they write. */
const OUTPUTS = ['--receipt', '--out', '--statistics'];
/** Options that name what is read from this machine: data sets and models. */
const INPUTS = ['--data', '--model', '--reference'];

/** Files and folders that are the result of a task, as seen from the folder of its sweep. */
export function outputsOf({ command, output }: Task): readonly string[] {
  const named = command.filter((_, i) => OUTPUTS.includes(command[i - 1] ?? ''));
  return named.length > 0 ? named : [output];
}

export const isTraining = ({ command }: Pick<Task, 'command'>): boolean => command[0] === 'train';

/** A command with other paths of what it reads. @param replace given the path and its option */
export function withInputs(command: readonly string[], replace: (path: string) => string): readonly string[] {
  return command.map((argument, i) => (INPUTS.includes(command[i - 1] ?? '') ? replace(argument) : argument));
}
