import { fileURLToPath } from 'node:url';
import { ConfigError } from 'ts-diffusion/errors';
import { optionalStore } from '../../options/store-option.js';
import type { SweepQueueFlags } from '../../options/sweep-queue-options.js';
import type { Cell } from '../cells/cell.js';
import { ChildExecutor } from './child-executor.js';
import type { Executor } from './executor.js';
import type { SweepFolder } from './sweep-folder.js';
import { NetworkExecutor } from './network-executor.js';
import { threadsOfEach } from './threads.js';

/** Where the cells of a command run. */
export interface RunFlags extends SweepQueueFlags {
  readonly jobs?: number;
  readonly threads: number;
  readonly takeOver?: boolean;
}

/** Where tasks run, and that place in words. */
export interface OpenExecutor {
  readonly executor: Executor;
  readonly where: string;
}

/**
 * Child processes of this machine, or the workers of a queue.
 *
 * @param log tells a line beside the progress
 */
export async function openExecutor(
  { path: folder }: SweepFolder,
  cells: readonly Cell[],
  flags: RunFlags,
  log: (line: string) => void,
): Promise<OpenExecutor> {
  const { queue, jobs = 1, threads, takeOver } = flags;
  if (queue !== undefined && queue !== '') return openQueueExecutor(queue, folder, cells, flags, log);
  const each = threadsOfEach(threads, jobs);
  const program = fileURLToPath(new URL('../../main.js', import.meta.url));
  const executor = new ChildExecutor({ folder, slots: jobs, threads: each, program, takeOver });
  return { executor, where: `${jobs} at once with ${each} threads each` };
}

async function openQueueExecutor(
  queue: string,
  folder: string,
  cells: readonly Cell[],
  flags: RunFlags,
  log: (line: string) => void,
): Promise<OpenExecutor> {
  if (flags.jobs !== undefined) {
    throw new ConfigError(
      '--jobs is for this machine; with --queue (or DIFFUSION_QUEUE) the --slots of the workers say how many jobs run at once.',
    );
  }
  const { openQueue } = await import('../../options/queue-option.js');
  const { coordinate } = await import('../../queue/coordinate.js');
  const server = await openQueue(queue);
  const store = await optionalStore(flags.store);
  if (store !== undefined) await (await import('../../store/store-identity.js')).joinStore(store, folder);
  const inner = await coordinate(server, { ...flags, folder }, log);
  const where = `by the workers at ${server.address.shown}`;
  if (store === undefined) return { executor: new NetworkExecutor(inner, cells), where };
  const { StoreExecutor } = await import('../../store/store-executor.js');
  const { trainingsOf, trainingTask } = await import('../cells/cell-tasks.js');
  const trainings = trainingsOf(cells).map((each) => [each.key, trainingTask(each, each.key, 0)] as const);
  const executor = new StoreExecutor(inner, store, folder, new Map(trainings), flags.shards);
  return { executor: new NetworkExecutor(executor, cells), where: `${where}, with files in ${store.name}` };
}
