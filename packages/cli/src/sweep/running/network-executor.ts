import { resolve } from 'node:path';
import { networkFields } from '../plan/fields.js';
import type { Cell, CellNetworks } from '../cells/cell.js';
import type { Executor, TaskRun } from './executor.js';
import type { Task, TaskEnd } from './task.js';

const flags = {
  evaluator: '--evaluator',
  featureNetwork: '--feature-network',
  secondFeatureNetwork: '--second-feature-network',
} as const;

/**
 * Gives evaluations the paths of the networks that `diffusion train-evaluator` made here for their images: other machines have another
 * cache, and would score with the networks of the package instead.
 */
export class NetworkExecutor implements Executor {
  readonly slots: number;
  readonly #networks: ReadonlyMap<string, CellNetworks>;

  constructor(
    private readonly inner: Executor,
    cells: readonly Pick<Cell, 'key' | 'keptNetworks'>[],
  ) {
    this.slots = inner.slots;
    this.#networks = new Map(cells.flatMap(({ key, keptNetworks }) => (keptNetworks ? [[key, keptNetworks]] : [])));
  }

  run(task: Task, run: TaskRun): Promise<TaskEnd> {
    const networks = task.command[0] === 'evaluate' ? this.#networks.get(task.id) : undefined;
    return this.inner.run(networks === undefined ? task : withNetworks(task, networks), run);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Networks that the plan names stay. */
function withNetworks(task: Task, networks: CellNetworks): Task {
  const names = networkFields.filter((field) => field !== 'inceptionWeights');
  const missing = names.filter((field) => !task.command.includes(flags[field]));
  return {
    ...task,
    command: [...task.command, ...missing.flatMap((field) => [flags[field], resolve(networks[field])])],
  };
}
