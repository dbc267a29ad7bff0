import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueExecutor } from '../../src/queue/queue-executor.js';
import { QueueServer } from '../../src/queue/queue-server.js';
import { sharedFolder } from '../../src/queue/shared-folder.js';
import { TroubleLines } from '../../src/queue/trouble-lines.js';
import { passingTrouble } from '../../src/queue/until-reached.js';
import type { Task, TaskEnd } from '../../src/sweep/running/task.js';
import { quickTask, quickWorker } from './quick-worker.js';
import { startRedis, type TestServer } from './test-servers.js';

patientTests();

let root: string;
let redis: TestServer;
let client: Redis;
let server: QueueServer;
let executor: QueueExecutor;
let lines: string[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'full-'));
  redis = await startRedis();
  client = new Redis(redis.url);
  server = await QueueServer.open(queueAddress(redis.url));
  const troubles = new TroubleLines((line) => lines.push(line));
  executor = await QueueExecutor.create(server, {
    ...{ folder: root, tag: 'cpu', threads: 1, priority: 100, attempts: 1, onLeft: () => undefined },
    onTrouble: (error) => {
      troubles.tell(error);
    },
  });
});
afterAll(async () => {
  await executor.close();
  client.disconnect();
  await redis.stop();
  rmSync(root, { recursive: true });
});

const run = (task: Task): Promise<TaskEnd> =>
  executor.run(task, { signal: new AbortController().signal, onProgress: () => undefined });

test.each([
  ['full', ['config', 'set', 'maxmemory', '1mb'], ['config', 'set', 'maxmemory', '0'], /has no space left \(maxmemory/],
  ['a replica', ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one'], /takes no changes, as a replica/],
] as const)('a server that is %s is waited for', async (name, begin, end, line) => {
  const worker = quickWorker(server, root, { artifactsOf: ({ folder }) => sharedFolder(folder, undefined) });
  const id = name.replace(' ', '-');
  expect(await run(quickTask(`before-${id}`))).toEqual({ type: 'done' });
  lines = [];
  await client.call(...(begin as unknown as [string]));
  const single = run(quickTask(`single-${id}`));
  await expect.poll(() => lines.filter((each) => line.test(each)), patient).toHaveLength(1);
  await client.call(...(end as unknown as [string]));
  expect(await single).toEqual({ type: 'done' });
  expect(lines.filter((each) => !line.test(each))).toEqual([]);
  await worker.stop();
});

test('a transaction that a full server discards is one to wait for', async () => {
  await client.call('config', 'set', 'maxmemory', '1mb');
  const refused: unknown = await client
    .multi()
    .set('a', 'b')
    .exec()
    .catch((error: unknown) => error);
  await client.call('config', 'set', 'maxmemory', '0');
  expect((refused as Error).message).toMatch(/^EXECABORT/);
  expect(passingTrouble(refused)).toBe('full');
});

test('a job that ends while the server is full is done once it is not', async () => {
  const worker = quickWorker(server, root, {
    artifactsOf: ({ folder }) => ({
      prepare: () => sharedFolder(folder, undefined).prepare(quickTask('x'), () => Promise.resolve()),
      publish: async () => {
        if (lines.length > 0) return;
        await client.call('config', 'set', 'maxmemory', '1mb');
        lines.push('full');
        setTimeout(() => void client.call('config', 'set', 'maxmemory', '0'), 1500);
      },
    }),
    lockMs: 1000,
  });
  lines = [];
  expect(await run(quickTask('ends'))).toEqual({ type: 'done' });
  await worker.stop();
});

test('two tasks with other outputs are two jobs', async () => {
  const worker = quickWorker(server, root, { artifactsOf: ({ folder }) => sharedFolder(folder, undefined) });
  const ends = Promise.all([run(quickTask('twice', 'cells/a/one.png')), run(quickTask('twice', 'cells/a/two.png'))]);
  expect(await ends).toEqual([{ type: 'done' }, { type: 'done' }]);
  await worker.stop();
  expect(worker.lines.filter((each) => each === 'done twice')).toHaveLength(2);
});
