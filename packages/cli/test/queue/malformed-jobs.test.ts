import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { cancelJobs, retryJobs } from '../../src/queue/change-jobs.js';
import { type JobData, NAMESPACE, queueName } from '../../src/queue/job.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueServer, type TaskQueue } from '../../src/queue/queue-server.js';
import { serverStatus } from '../../src/queue/queue-status.js';
import { sharedFolder, referenceTo } from '../../src/queue/shared-folder.js';
import { packageVersion } from '../../src/version.js';
import { startCli } from './queue-processes.js';
import { quickTask, quickWorker } from './quick-worker.js';
import { startRedis, type TestServer } from './test-servers.js';

patientTests();

let root: string;
let redis: TestServer;
let server: QueueServer;
let queue: TaskQueue;
const quiet = (): void => undefined;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'malformed-'));
  redis = await startRedis();
  server = await QueueServer.open(queueAddress(redis.url));
  queue = server.queue(queueName('cpu', packageVersion()), quiet);
});
afterAll(async () => {
  await queue.close();
  await redis.stop();
  rmSync(root, { recursive: true });
});

const status = async () => (await serverStatus(server, ['cpu'], packageVersion(), quiet)).queues[0];
const rightData = (): JobData => ({ task: quickTask('right'), folder: referenceTo(root), version: packageVersion() });

/** Puts jobs into the queue that no sweep makes. */
async function addMalformed(): Promise<void> {
  for (const id of ['no-json', 'bad-progress', 'bad-options']) await queue.add('sample', rightData(), { jobId: id });
  const client = new Redis(redis.url);
  const key = (id: string): string => `${NAMESPACE}:${queue.name}:${id}`;
  await client.hset(key('no-json'), 'data', '{"task":');
  await client.hset(key('bad-progress'), 'progress', 'half');
  await client.hset(key('bad-options'), 'opts', '{');
  client.disconnect();
  const foreign: [string, unknown][] = [
    ['foreign', { mail: 'to somebody' }],
    ['no-object', 'text'],
    ['nothing', null],
    ['no-name', { task: {} }],
  ];
  for (const [jobId, data] of foreign) await queue.add('anything', data as JobData, { jobId });
}
const malformed = ['bad-options', 'bad-progress', 'foreign', 'no-json', 'no-name', 'no-object', 'nothing'];

test('malformed jobs are shown as such and cancelled, among others that stay', async () => {
  await addMalformed();
  await queue.add('sample', rightData(), { jobId: 'right' });
  const shown = await status();
  expect(shown?.malformed.map(({ id }) => id).sort()).toEqual(malformed);
  expect(new Set(shown?.malformed.map(({ state }) => state))).toEqual(new Set(['waiting']));
  const printed = startCli(root, ['queue'], redis.url);
  expect(await printed.end).toEqual({ code: 0, signal: null });
  expect(printed.text()).toContain('malformed  foreign  waiting; no sweep has put it here: diffusion queue cancel');
  expect(await cancelJobs([queue], ['foreign'])).toEqual(['malformed job foreign']);
  expect((await cancelJobs([queue], [])).sort()).toEqual([
    ...malformed.filter((id) => id !== 'foreign').map((id) => `malformed job ${id}`),
    'right',
  ]);
  expect((await status())?.malformed).toEqual([]);
  expect((await queue.getJob('right'))?.data.withdrawn).toBe('cancelled');
  await queue.obliterate({ force: true });
});

test('a worker has malformed jobs fail, and does the others', async () => {
  for (const [jobId, data] of [
    ['foreign', {}],
    ['no-json', rightData()],
  ] as const) {
    await queue.add('sample', data as JobData, { jobId });
  }
  const client = new Redis(redis.url);
  await client.hset(`${NAMESPACE}:${queue.name}:no-json`, 'data', 'not JSON');
  client.disconnect();
  const right = await queue.add('sample', rightData(), { jobId: 'right' });
  const worker = quickWorker(server, root, { artifactsOf: ({ folder }) => sharedFolder(folder, undefined) });
  await expect.poll(() => right.getState(), patient).toBe('completed');
  await worker.stop();
  const shown = await status();
  expect(shown?.counts).toMatchObject({ running: 0, waiting: 0, failed: 2 });
  expect(shown?.malformed.map(({ state }) => state)).toEqual(['failed', 'failed']);
  expect((await queue.getJob('no-json'))?.failedReason).toMatch(/^The job is none of a sweep: data\.task is not valid/);
  expect(await retryJobs([queue], [])).toEqual([]);
  expect(await cancelJobs([queue], [])).toHaveLength(2);
  expect((await status())?.counts).toMatchObject({ failed: 0 });
});

test('jobs of several tags are cancelled together, each once, or none of them where one is unknown', async () => {
  const gpu = server.queue(queueName('gpu', packageVersion()), quiet);
  const withdrawn = async (each: TaskQueue, id: string) => (await each.getJob(id))?.data.withdrawn;
  try {
    await queue.add('sample', rightData(), { jobId: 'first-1' });
    await queue.add('sample', rightData(), { jobId: 'first-2' });
    await gpu.add('sample', rightData(), { jobId: 'second' });
    const cancel = (...ids: string[]) => startCli(root, ['queue', 'cancel', ...ids, '--tags', 'cpu,gpu'], redis.url);

    const wrong = cancel('first-1', 'second', 'third');
    expect(await wrong.end).toEqual({ code: 1, signal: null });
    expect(wrong.text()).toMatch(/^error: No job waits or runs whose id begins with "third", so nothing was changed;/);
    expect(await withdrawn(queue, 'first-1')).toBeUndefined();
    expect(await withdrawn(gpu, 'second')).toBeUndefined();

    // In one tag alone each; the second beginning names both of the first.
    const right = cancel('first-1', 'first', 'second');
    expect(await right.end).toEqual({ code: 0, signal: null });
    expect(right.text().trim().split('\n')).toEqual(Array<string>(3).fill('cancelled: right'));
    expect(await withdrawn(queue, 'first-2')).toBe('cancelled');
    expect(await withdrawn(gpu, 'second')).toBe('cancelled');
  } finally {
    await queue.obliterate({ force: true });
    await gpu.obliterate({ force: true });
    await gpu.close();
  }
});
