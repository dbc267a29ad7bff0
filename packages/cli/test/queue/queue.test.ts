import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import { readMetrics } from '../../../ts-diffusion/src/node/training/metrics.js';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { cancelJobs, retryJobs } from '../../src/queue/change-jobs.js';
import { queueName } from '../../src/queue/job.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueExecutor } from '../../src/queue/queue-executor.js';
import { QueueServer, type TaskQueue } from '../../src/queue/queue-server.js';
import { QueueWorker } from '../../src/queue/queue-worker.js';
import { serverStatus } from '../../src/queue/queue-status.js';
import type { Task, TaskEnd } from '../../src/sweep/running/task.js';
import { packageVersion } from '../../src/version.js';
import { cliPath } from '../commands/run-cli.js';
import { until } from '../commands/training-child.js';
import { trainingTask } from '../sweep/training-task.js';
import { writeTinyData } from '../tiny-data.js';
import { childrenOf, type CliProcess, startCli, startWorker } from './queue-processes.js';
import { serverKinds, type TestServer } from './test-servers.js';

patientTests();

/** So many steps that nobody waits for the last. */
const ENDLESS = { steps: 1_000_000, checkpointEvery: 20, logEvery: 5 };

const quiet = (): void => undefined;

describe.each(serverKinds)('a queue on $name', ({ start }) => {
  let root: string;
  let server: TestServer;
  let queues: QueueServer;
  let executor: QueueExecutor;
  let queue: TaskQueue;
  let processes: CliProcess[] = [];
  beforeAll(async () => {
    server = await start();
    queues = await QueueServer.open(queueAddress(server.url));
  });
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'queue-'));
    writeTinyData(join(root, 'data'));
    queue = queues.queue(queueName('cpu', packageVersion()), quiet);
    executor = await QueueExecutor.create(queues, {
      ...{ folder: root, tag: 'cpu', threads: 1, priority: 100, attempts: 1, onTrouble: quiet, onLeft: quiet },
    });
  });
  afterEach(async () => {
    for (const { child } of processes) {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
    }
    await Promise.all(processes.map(({ end }) => end));
    processes = [];
    await Promise.all([executor.close(), queue.close()]);
    rmSync(root, { recursive: true, force: true });
  });
  afterAll(() => server.stop());

  const worker = (...more: readonly string[]): CliProcess => {
    const started = startWorker(root, server.url, ...more);
    processes.push(started);
    return started;
  };
  const run = (task: Task, stop = new AbortController()): Promise<TaskEnd> =>
    executor.run(task, { signal: stop.signal, onProgress: () => undefined });
  const status = () => serverStatus(queues, ['cpu'], packageVersion(), quiet);
  const counts = async (): Promise<unknown> => (await status()).queues[0]?.counts;
  const lockOf = (task: Task): { readonly pid?: number } => {
    const path = join(root, task.output, 'run.lock');
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { pid: number }) : {};
  };

  test('shows what waits, runs and has failed, cancels and retries', async () => {
    const waiting = run(trainingTask(root, 'waits', { steps: 10 }));
    await expect.poll(counts, patient).toEqual({ waiting: 1, running: 0, done: 0, failed: 0 });
    await expect(cancelJobs([queue], ['nothing'])).rejects.toThrow(
      /No job waits or runs whose id begins with "nothing"/,
    );
    expect(await cancelJobs([queue], [])).toEqual(['waits']);
    expect(await waiting).toEqual({ type: 'failed', error: 'It was cancelled (diffusion queue cancel).' });

    const crew = worker('--slots', '2', '--tags', 'cpu,gpu', '--threads', '4');
    const broken = await run(trainingTask(root, 'broken', { steps: 10, data: join(root, 'nowhere') }));
    expect(broken).toMatchObject({ type: 'failed', error: expect.stringContaining('nowhere') as string });
    const stop = new AbortController();
    const endless = run(trainingTask(root, 'endless', ENDLESS), stop);
    await expect.poll(async () => (await status()).queues[0]?.running, patient).toMatchObject([{ name: 'endless' }]);
    const {
      queues: [shown],
      workers,
    } = await status();
    expect(shown?.failed).toMatchObject([{ name: 'broken', error: expect.stringContaining('nowhere') as string }]);
    expect(workers).toEqual([
      {
        name: expect.stringMatching(new RegExp(`:${crew.child.pid}$`)) as string,
        version: packageVersion(),
        tags: ['cpu', 'gpu'],
        slots: 2,
      },
    ]);
    expect(shown?.running[0]?.worker).toBe(workers[0]?.name);

    const printed = startCli(root, ['queue', '--json'], server.url);
    processes.push(printed);
    expect(await printed.end).toEqual({ code: 0, signal: null });
    expect(JSON.parse(printed.text())).toMatchObject({
      queues: [{ tag: 'cpu', counts: { running: 1, failed: 1 } }],
      workers: [{ slots: 2 }],
    });

    crew.child.kill('SIGTERM');
    expect(await crew.end).toEqual({ code: 0, signal: null });
    expect(crew.text()).toContain('put back: endless');
    expect(existsSync(join(root, 'trainings/endless/checkpoint.safetensors'))).toBe(true);
    await expect.poll(async () => (await status()).workers, patient).toEqual([]);
    expect(await retryJobs([queue], [])).toEqual(['broken']);
    expect(await counts()).toMatchObject({ waiting: 2, failed: 0 });
    stop.abort();
    expect(await endless).toEqual({ type: 'stopped' });
    expect(await counts()).toMatchObject({ waiting: 1 });
    await queue.obliterate({ force: true });
  });

  test('a machine that is paused beyond its lock loses its job, and does not write when it wakes up', async () => {
    const stop = new AbortController();
    const task = trainingTask(root, 'paused', ENDLESS);
    const ended = run(task, stop);
    const first = worker('--slice-minutes', '60');
    await until(() => existsSync(join(root, task.output, 'checkpoint.safetensors')));
    const [child = 0] = childrenOf(first.child.pid);
    expect(lockOf(task).pid).toBe(child);
    process.kill(child, 'SIGSTOP');
    first.child.kill('SIGSTOP');

    const second = worker('--slice-minutes', '60');
    await until(() => (lockOf(task).pid ?? child) !== child);
    const [successor] = childrenOf(second.child.pid);
    expect(lockOf(task).pid).toBe(successor);
    // The child alone: it must find by itself that the folder is another's.
    process.kill(child, 'SIGCONT');
    await until(() => !existsSync(`/proc/${child}/fd/0`));
    first.child.kill('SIGCONT');
    await until(() => /^lost: paused|^failed: .*lost the lock.*: paused/m.test(first.text()));

    const step = loadCheckpoint(join(root, task.output)).step;
    await until(() => loadCheckpoint(join(root, task.output)).step > step);
    stop.abort();
    expect(await ended).toEqual({ type: 'stopped' });
    expect(second.text()).toContain('stopped: paused');
    // Nobody else has written a line between those of the second.
    const steps = readMetrics(join(root, task.output, 'metrics.jsonl')).map((line) => line.step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  });

  test('a job that no sweep has fails without being run or tried again', async () => {
    const task = { ...trainingTask(root, 'forged'), command: ['sample', '--out', join(root, '../outside.png')] };
    const crew = worker();
    const end = await run(task);
    expect(end).toMatchObject({
      type: 'failed',
      error: expect.stringMatching(/^The job is none of a sweep/) as string,
    });
    expect(crew.text()).not.toContain('began: forged');
  });

  test('a worker that drains as it begins keeps no job', async () => {
    const stop = new AbortController();
    const ended = run(trainingTask(root, 'late', ENDLESS), stop);
    await expect.poll(counts, patient).toMatchObject({ waiting: 1 });
    const late = new QueueWorker(queues, {
      ...{ tags: ['cpu'], slots: 1, threads: 1, lockMs: 30_000, sliceMs: 3_600_000, pulseMs: 100, patienceMs: 100 },
      program: cliPath,
      artifactsOf: () => ({ prepare: () => Promise.resolve(root), publish: () => Promise.resolve() }),
      log: { started: quiet, ended: quiet, cannotRun: quiet, trouble: quiet },
    });
    await late.work(AbortSignal.abort());
    expect(await counts()).toMatchObject({ waiting: 1, running: 0 });
    stop.abort();
    expect(await ended).toEqual({ type: 'stopped' });
  });

  test('the studio ends where its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const studio = startCli(root, ['studio', '--port', String(port)], server.url);
    processes.push(studio);
    expect(await studio.end).toEqual({ code: 1, signal: null });
    expect(studio.text()).toContain(`Port ${port} is in use.`);
    taken.close();
  });

  test('a worker that does not see the folder says so, leaves the job in the queue, and ends', async () => {
    const stop = new AbortController();
    const ended = run(trainingTask(root, 'elsewhere', ENDLESS), stop);
    const lost = worker('--folder', join(root, 'data'));
    expect(await lost.end).toEqual({ code: 1, signal: null });
    expect(lost.text()).toMatch(
      /^error: .*data is not the folder of a sweep on this machine, .* name its path by --folder\.$/m,
    );
    expect(await counts()).toMatchObject({ waiting: 1, running: 0 });
    stop.abort();
    expect(await ended).toEqual({ type: 'stopped' });
  });
});
