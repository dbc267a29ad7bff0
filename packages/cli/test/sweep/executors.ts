import { ChildExecutor } from '../../src/sweep/running/child-executor.js';
import type { Executor } from '../../src/sweep/running/executor.js';
import { cliPath } from '../commands/run-cli.js';

/** A kind of executor that the contract tests run over: a new one, with these slots, for the folder of a sweep. */
export interface ExecutorKind {
  readonly name: string;
  readonly create: (folder: string, slots: number) => Promise<Executor>;
}

export const executorKinds: readonly ExecutorKind[] = [
  {
    name: 'child processes',
    create: (folder, slots) => Promise.resolve(new ChildExecutor({ folder, slots, threads: 1, program: cliPath })),
  },
];
