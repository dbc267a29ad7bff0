import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCheckpoint } from 'ts-diffusion/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { queueName } from '../../src/queue/job.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueServer } from '../../src/queue/queue-server.js';
import { runOpenWork } from '../../src/sweep/running/run-open-work.js';
import { SweepFolder } from '../../src/sweep/running/sweep-folder.js';
import { packageVersion } from '../../src/version.js';
import { freePort } from '../free-port.js';
import { tinyPlan } from '../sweep/tiny-plan.js';
import { childrenOf, startCli, startWorker } from './queue-processes.js';
import { serverKinds, type TestServer } from './test-servers.js';

patientTests();

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'server-gone-'));
  writeFileSync(join(root, 'plan.yaml'), tinyPlan({}));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe.each(serverKinds)('$name', ({ name, start }) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await start();
  });

  test('a worker whose server is gone ends soon after SIGTERM, and its training has a checkpoint', async () => {
    const queues = await QueueServer.open(queueAddress(server.url));
    const queue = queues.queue(queueName('cpu', packageVersion()), () => undefined);
    const folder = `worker-${name}`;
    const plan = join(root, 'long.yaml');
    writeFileSync(plan, tinyPlan({ steps: 1_000_000 }));
    const sweep = startCli(root, ['sweep', plan, '--out', folder, '--shards', '1'], server.url);
    const worker = startWorker(root, server.url, '--slice-minutes', '5');
    await expect.poll(() => childrenOf(worker.child.pid), patient).toHaveLength(1);
    const trainings = join(root, folder, 'trainings');
    const checkpoints = (): readonly string[] =>
      existsSync(trainings)
        ? readdirSync(trainings).filter((run) => existsSync(join(trainings, run, 'checkpoint.safetensors')))
        : [];
    await expect.poll(checkpoints, patient).toHaveLength(1);
    const [run = ''] = checkpoints();
    const before = loadCheckpoint(join(trainings, run)).step;
    await queue.disconnect();
    await server.stop();
    const begin = performance.now();
    worker.child.kill('SIGTERM');
    expect(await worker.end).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(loadCheckpoint(join(trainings, run)).step).toBeGreaterThan(before);
    expect(worker.text()).toContain(
      'The queue cannot be reached: what was running goes back into it when its locks run out.',
    );
    sweep.child.kill('SIGINT');
    await sweep.end;
  });

  test('a coordinator whose server is gone ends soon after Ctrl-C and says what stays in the queue', async () => {
    const queues = await QueueServer.open(queueAddress(server.url));
    const queue = queues.queue(queueName('cpu', packageVersion()), () => undefined);
    const sweep = startCli(root, ['sweep', 'plan.yaml', '--out', name, '--shards', '1'], server.url);
    await expect.poll(() => queue.getJobCountByTypes('prioritized'), patient).toBe(2);
    await queue.disconnect();
    await server.stop();
    const begin = performance.now();
    sweep.child.kill('SIGINT');
    expect(await sweep.end).toEqual({ code: 130, signal: null });
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(sweep.text()).toMatch(
      /^The queue at .* cannot be reached: up to 2 jobs of this command stay in it, .* run the same command again to go on/m,
    );
    expect(sweep.text()).toContain('Stopped. Run the same command to go on.');
    expect(sweep.text()).not.toContain('error');
  });
});

test('where nothing is to do no server is needed', async () => {
  const queue = `redis://127.0.0.1:${await freePort()}`;
  const flags = { ...{ queue, threads: 1, tag: 'cpu', priority: 100, attempts: 1 } };
  const work = { tasks: [], cells: [], trainings: [] };
  const { signal } = new AbortController();
  await expect(runOpenWork(work, [], new SweepFolder(root), flags, signal)).resolves.toBeUndefined();
});
