import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { QueueExecutor } from '../../packages/cli/src/queue/queue-executor.js';
import { queueAddress } from '../../packages/cli/src/queue/queue-address.js';
import { QueueServer } from '../../packages/cli/src/queue/queue-server.js';
import { ChildExecutor } from '../../packages/cli/src/sweep/running/child-executor.js';
import type { Executor } from '../../packages/cli/src/sweep/running/executor.js';
import type { Task } from '../../packages/cli/src/sweep/running/task.js';
import { cliPath } from '../../packages/cli/test/commands/run-cli.js';
import { startWorker } from '../../packages/cli/test/queue/queue-processes.js';
import type { TestServer } from '../../packages/cli/test/queue/test-servers.js';
import { say, table } from '../support/report.js';
import { alternate, summarise, timed } from '../support/statistics.js';

/** How much later a small job ends that goes through a queue at `server` than one that is a child of this process. */
export async function measureOverhead(root: string, server: TestServer, rounds: number): Promise<void> {
  mkdirSync(join(root, 'jobs'));
  const fail = (error: Error): void => {
    throw error;
  };
  const direct = new ChildExecutor({ folder: root, slots: 1, threads: 1, program: cliPath });
  const queues = await QueueServer.open(queueAddress(server.url));
  const options = {
    folder: root,
    tag: 'cpu',
    threads: 1,
    priority: 100,
    attempts: 1,
    onTrouble: fail,
    onLeft: () => undefined,
  };
  const queued = await QueueExecutor.create(queues, options);
  const worker = startWorker(root, server.url, '--lock-seconds', '30');
  let jobs = 0;
  const drawOne = (executor: Executor): Promise<number> => {
    const id = `draw-${jobs++}`;
    const task: Task = {
      ...{ id, name: id, output: `jobs/${id}`, needs: [], work: 1, begun: 0, phase: 'sampling' },
      command: ['sample', '--model', 'quick', '--labels', '3', '--out', `jobs/${id}.png`],
    };
    return timed(async () => {
      const end = await executor.run(task, { signal: new AbortController().signal, onProgress: () => undefined });
      if (end.type !== 'done') throw new Error(JSON.stringify(end));
    });
  };
  try {
    const results = await alternate(
      { 'a child process': () => drawOne(direct), 'a job of the queue': () => drawOne(queued) },
      rounds,
    );
    say('\n## Overhead per job: one digit of `quick`\n');
    table(results);
    const [child, job] = Object.values(results).map((values) => summarise(values).median);
    say(`- **${((job ?? NaN) - (child ?? NaN)).toFixed(0)} ms more through the queue**`);
  } finally {
    worker.child.kill('SIGTERM');
    await Promise.all([worker.end, queued.close(), direct.close()]);
  }
}
