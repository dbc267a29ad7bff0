import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueExecutor } from '../../src/queue/queue-executor.js';
import { QueueServer } from '../../src/queue/queue-server.js';
import { QueueWorker } from '../../src/queue/queue-worker.js';
import { sharedFolder } from '../../src/queue/shared-folder.js';
import { ChildExecutor } from '../../src/sweep/running/child-executor.js';
import type { Executor } from '../../src/sweep/running/executor.js';
import { cliPath } from '../commands/run-cli.js';
import { serverKinds, type ServerKind, type TestServer } from '../queue/test-servers.js';

/** A kind of executor that the contract tests run over. */
export interface ExecutorKind {
  readonly name: string;
  /** Before the first one is created. */
  readonly start: () => Promise<void>;
  /** A new one, with these slots, for the folder of a sweep. */
  readonly create: (folder: string, slots: number) => Promise<Executor>;
  readonly stop: () => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

export const executorKinds: readonly ExecutorKind[] = [
  {
    name: 'child processes',
    start: nothing,
    create: (folder, slots) => Promise.resolve(new ChildExecutor({ folder, slots, threads: 1, program: cliPath })),
    stop: nothing,
  },
  ...serverKinds.map(queued),
];

/** A queue at a server of its own, with one worker. */
function queued({ name, start }: ServerKind): ExecutorKind {
  let server: TestServer | undefined;
  return {
    name: `a queue on ${name}`,
    start: async () => {
      server = await start();
    },
    create: async (folder, slots) => {
      const queue = await QueueServer.open(queueAddress(server?.url ?? ''));
      const fail = (error: Error): void => {
        throw error;
      };
      const stop = new AbortController();
      const worker = new QueueWorker(queue, {
        ...{ tags: ['cpu'], slots, threads: 1, program: cliPath, lockMs: 10_000, sliceMs: 300_000 },
        ...{ pulseMs: 100, patienceMs: 1000 },
        artifactsOf: (data) => sharedFolder(data.folder, undefined),
        log: { started: () => undefined, ended: () => undefined, cannotRun: fail, trouble: fail },
      });
      const working = worker.work(stop.signal);
      const options = {
        folder,
        tag: 'cpu',
        threads: 1,
        priority: 100,
        attempts: 1,
        onTrouble: fail,
        onLeft: () => undefined,
      };
      const executor = await QueueExecutor.create(queue, options);
      return {
        slots: executor.slots,
        run: (task, run) => executor.run(task, run),
        close: async () => {
          stop.abort();
          await Promise.all([working, executor.close()]);
        },
      };
    },
    stop: async () => server?.stop(),
  };
}
