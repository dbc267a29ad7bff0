import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { queueName } from '../../src/queue/job.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueExecutor } from '../../src/queue/queue-executor.js';
import { QueueServer, type TaskQueue } from '../../src/queue/queue-server.js';
import { referenceTo, sharedFolder } from '../../src/queue/shared-folder.js';
import { presentWorkers } from '../../src/queue/worker-presence.js';
import { packageVersion } from '../../src/version.js';
import { quickTask, type QuickWorker, quickWorker } from './quick-worker.js';
import { serverKinds, type TestServer } from './test-servers.js';

patientTests();

describe.each(serverKinds)('a queue on $name with jobs of two sweeps', ({ start }) => {
  let root: string;
  let testServer: TestServer;
  let server: QueueServer;
  let queue: TaskQueue;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'other-sweeps-'));
    testServer = await start();
    server = await QueueServer.open(queueAddress(testServer.url));
    queue = server.queue(queueName('cpu', packageVersion()), () => undefined);
  });
  afterAll(async () => {
    await queue.close();
    await testServer.stop();
    rmSync(root, { recursive: true });
  });

  /** A worker on a machine that sees one folder alone. */
  const workerOf = (name: string): QuickWorker =>
    quickWorker(server, join(root, name), { artifactsOf: ({ folder }) => sharedFolder(folder, join(root, name)) });
  const add = (sweep: string, id: string) =>
    queue.add(
      'sample',
      { task: quickTask(id), folder: referenceTo(join(root, sweep)), version: packageVersion() },
      { priority: 1, attempts: 1 },
    );

  test('a worker leaves those that it cannot run to others, says so once, and goes on', async () => {
    const other = await add('other', 'others-first');
    await add('own', 'first');
    const worker = workerOf('own');
    const second = await add('own', 'second');
    await expect.poll(() => second.getState(), patient).toBe('completed');
    await delay(2500);
    const third = await add('own', 'third');
    await expect.poll(() => third.getState(), patient).toBe('completed');
    expect(['delayed', 'prioritized']).toContain(await other.getState());
    const taken = (await queue.getJob(other.id ?? ''))?.attemptsStarted ?? 0;
    // Once before each of the own jobs, and when its delay of two seconds was over.
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(6);
    expect(worker.lines.filter((line) => line.startsWith('cannot run'))).toEqual([
      expect.stringMatching(/own is the folder of another sweep on this machine/),
    ]);

    const able = workerOf('other');
    await expect.poll(() => other.getState(), patient).toBe('completed');
    expect(able.lines).toContain('done others-first');
    await Promise.all([worker.stop(), able.stop()]);
    expect(await queue.getJobCountByTypes('failed')).toBe(0);
  });

  test('workers say all of what they are, and are no more listed once they have ended', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `a-long-tag-no-${i}`);
    const artifactsOf = () => sharedFolder(referenceTo(root), root);
    const worker = quickWorker(server, root, { artifactsOf, tags: names, slots: 3 });
    const list = () => presentWorkers(server, () => undefined);
    await expect.poll(list, patient).toMatchObject([{ version: packageVersion(), tags: names, slots: 3 }]);
    await worker.stop();
    await expect.poll(list, patient).toEqual([]);
  });

  test('a task is begun when a worker takes it', async () => {
    const folder = join(root, 'begun');
    const executor = await QueueExecutor.create(server, {
      ...{
        folder,
        tag: 'cpu',
        threads: 1,
        priority: 1,
        attempts: 1,
        onTrouble: () => undefined,
        onLeft: () => undefined,
      },
    });
    const begun: string[] = [];
    const signal = new AbortController().signal;
    const run = { signal, onProgress: () => undefined, onBegin: () => begun.push('begun') };
    const ended = executor.run(quickTask('begins'), run);
    await expect.poll(() => queue.getJobCountByTypes('prioritized'), patient).toBe(1);
    expect(begun).toEqual([]);
    const worker = workerOf('begun');
    expect(await ended).toEqual({ type: 'done' });
    expect(begun.length).toBeGreaterThan(0);
    await Promise.all([worker.stop(), executor.close()]);
  });

  test('where there is no job that it can run it ends', async () => {
    const other = await add('other', 'others-second');
    referenceTo(join(root, 'own'));
    await expect(workerOf('own').working).rejects.toThrow(/own is the folder of another sweep on this machine/);
    expect(['prioritized', 'delayed']).toContain(await other.getState());
  });
});
