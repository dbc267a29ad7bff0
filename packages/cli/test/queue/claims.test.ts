import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { queueName } from '../../src/queue/job.js';
import { LostJobError } from '../../src/queue/job-run.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueServer, type TaskQueue } from '../../src/queue/queue-server.js';
import { Claim } from '../../src/store/claim.js';
import { FolderStore } from '../../src/store/folder-store.js';
import { readPublished } from '../../src/store/published.js';
import { identityOf } from '../../src/store/store-identity.js';
import { StoreWorkplace } from '../../src/store/store-workplace.js';
import { packageVersion } from '../../src/version.js';
import { quickTask, quickWorker } from './quick-worker.js';
import { startRedis, type TestServer } from './test-servers.js';

patientTests();

let root: string;
let redis: TestServer;
let server: QueueServer;
let queue: TaskQueue;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'claims-'));
  redis = await startRedis();
  server = await QueueServer.open(queueAddress(redis.url));
  queue = server.queue(queueName('cpu', packageVersion()), () => undefined);
});
afterAll(async () => {
  await queue.close();
  await redis.stop();
  rmSync(root, { recursive: true });
});

test('a job is done whatever the clock of its coordinator says', async () => {
  const store = await FolderStore.open(join(root, 'store'));
  const folder = { id: await identityOf(store), path: join(root, 'sweep') };
  const workplace = await StoreWorkplace.open(store, join(root, 'worker'));
  const worker = quickWorker(server, root, { artifactsOf: (data) => workplace.artifactsOf(data.folder) });
  const data = { task: quickTask('clock'), folder, version: packageVersion() };
  const day = 24 * 3_600_000;
  for (const timestamp of [Date.now() + day, Date.now(), Date.now() - day]) {
    const job = await queue.add('sample', data, { jobId: 'clock', timestamp });
    await expect.poll(() => job.getState(), patient).toBe('completed');
    await job.remove();
  }
  await worker.stop();
  workplace.close();
  expect(worker.lines.filter((line) => line.startsWith('done'))).toHaveLength(3);
});

test('a worker that has lost its job before it takes its place in the store takes nothing', async () => {
  const store = await FolderStore.open(join(root, 'other store'));
  const workplace = await StoreWorkplace.open(store, join(root, 'other worker'));
  const artifacts = workplace.artifactsOf({ id: await identityOf(store), path: root });
  const task = quickTask('lost');
  const { version } = (await Claim.take(store, task.id)).published;
  const lost = (): Promise<void> => Promise.reject(new LostJobError(task.name));
  await expect(artifacts.prepare(task, lost)).rejects.toThrow(LostJobError);
  expect((await readPublished(store, task.id))?.version).toBe(version);
  workplace.close();
});

test('a worker that has its job, but whose place in the store was taken, does the job again', async () => {
  const store = await FolderStore.open(join(root, 'third store'));
  const folder = { id: await identityOf(store), path: root };
  const workplace = await StoreWorkplace.open(store, join(root, 'third worker'));
  let isFirst = true;
  const worker = quickWorker(server, root, {
    artifactsOf: () => {
      const own = workplace.artifactsOf(folder);
      return {
        prepare: own.prepare,
        publish: async (task, finished) => {
          // A worker that was away for longer than its lock, and did not know it a moment ago.
          if (isFirst) await Claim.take(store, task.id);
          isFirst = false;
          await own.publish(task, finished);
        },
      };
    },
  });
  const job = await queue.add('sample', { task: quickTask('taken'), folder, version: packageVersion() });
  await expect.poll(() => job.getState(), patient).toBe('completed');
  await worker.stop();
  workplace.close();
  expect(worker.lines).toEqual(['began taken', 'put back taken', 'began taken', 'done taken']);
});
