import { fork, type ChildProcess } from 'node:child_process';
import { afterAll } from 'vitest';
import { bundledChild } from '../../../../test/bundle-child.js';
import { DiffusionWorker } from '../../src/worker/diffusion-worker.js';

/** Workers of the sources under test, and the processes that they run in. */
export interface NodeWorkers {
  /** A new one; it ends with the tests of the suite. */
  start(): DiffusionWorker;
  /** The processes started so far, the latest last. */
  readonly processes: readonly ChildProcess[];
}

/** For the tests of a suite; call in its body. */
export function nodeWorkers(): NodeWorkers {
  const file = bundledChild(new URL('../../src/node/worker-thread.ts', import.meta.url).pathname);
  const processes: ChildProcess[] = [];
  const workers: DiffusionWorker[] = [];
  afterAll(() => {
    for (const worker of workers) worker.dispose();
  });
  return {
    processes,
    start: () => {
      const worker = new DiffusionWorker({
        worker: () => {
          const child = fork(file(), { serialization: 'advanced', execArgv: [] });
          processes.push(child);
          return child;
        },
      });
      workers.push(worker);
      return worker;
    },
  };
}
