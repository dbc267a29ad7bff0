import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { type JobData, KEPT, jobPriority, queueName } from '../../packages/cli/src/queue/job.js';
import type { TaskQueue } from '../../packages/cli/src/queue/queue-server.js';
import { packageVersion } from '../../packages/cli/src/version.js';
import { say } from '../support/report.js';

const PROCESSES = 4;
const BATCH = 1000;
/** Of real workers: packages/cli/src/commands/worker.ts. */
const PULSE_MS = 2000;
const SETTLE_MS = 3000;

/** Job data as a sweep of 24 trainings has them. */
function jobData(i: number): JobData {
  const key = `${i}`.padStart(12, '0');
  const command = ['evaluate', '--run', `trainings/${key}`, '--at-step', '20000', '--count', '10000', '--steps', '10'];
  return {
    task: {
      ...{ id: key, name: `scoring schedule cosine, guidanceWeight 0.3, seed ${i}`, output: `cells/${key}`, needs: [] },
      ...{ work: 1e15, begun: 0, phase: 'sampling' },
      command: [...command, '--sampler', 'dpm-solver++', '--receipt', `cells/${key}/receipt.json`],
    },
    folder: { id: '0123456789ab', path: '/mnt/sweeps/schedules-and-guidance' },
    version: packageVersion(),
    threads: 1,
  };
}

/** Puts jobs into a queue, many at once. */
async function submit(queue: TaskQueue, jobs: number, prefix: string): Promise<void> {
  const options = { attempts: 3, priority: jobPriority('evaluate', 100), ...KEPT };
  for (let from = 0; from < jobs; from += BATCH) {
    const size = Math.min(BATCH, jobs - from);
    await queue.addBulk(
      Array.from({ length: size }, (_, i) => ({
        name: 'evaluate',
        data: jobData(from + i),
        opts: { ...options, jobId: `${prefix}-${from + i}` },
      })),
    );
  }
}

/** Memory of Redis for jobs that wait. */
export async function measureMemory(queue: TaskQueue, redis: Redis, jobs: number): Promise<void> {
  const used = async (): Promise<number> => field(await redis.info('memory'), 'used_memory');
  const before = await used();
  const start = performance.now();
  await submit(queue, jobs, 'memory');
  const seconds = (performance.now() - start) / 1000;
  const megabytes = ((await used()) - before) / 1e6;
  say(`\n## Memory of Redis\n`);
  say(
    `- ${jobs.toLocaleString('en')} waiting jobs: **${megabytes.toFixed(0)} MB**, ${((1e6 * megabytes) / jobs).toFixed(0)} bytes each`,
  );
  say(`- submitted in ${seconds.toFixed(1)} s, ${(jobs / seconds).toFixed(0)} per second`);
  await queue.obliterate({ force: true });
}

/** What Redis does while many workers take jobs as fast as they can, and while they run long ones. */
export async function measureSaturation(
  url: string,
  queue: TaskQueue,
  redis: Redis,
  { workers, jobs, seconds }: { readonly workers: number; readonly jobs: number; readonly seconds: number },
): Promise<void> {
  const cpu = async (): Promise<number> => {
    const info = await redis.info('cpu');
    return field(info, 'used_cpu_user') + field(info, 'used_cpu_sys');
  };
  const finished = async (): Promise<number> =>
    jobs - (await queue.getJobCounts('prioritized', 'active', 'wait').then(sum));
  say(`\n## ${workers.toLocaleString('en')} simulated workers in ${PROCESSES} processes\n`);

  await submit(queue, jobs, 'short');
  await withWorkers(url, workers, 0, async () => {
    const [start, before, done] = [performance.now(), await cpu(), await finished()];
    while ((await finished()) < jobs) await delay(200);
    const [elapsed, used] = [(performance.now() - start) / 1000, (await cpu()) - before];
    const ran = jobs - done;
    say(
      `- jobs of no work: **${(ran / elapsed).toFixed(0)} per second**; Redis used ${((100 * used) / elapsed).toFixed(0)} % of a core, ${((1e6 * used) / ran).toFixed(0)} µs per job`,
    );
  });
  await queue.obliterate({ force: true });

  await submit(queue, workers, 'long');
  await withWorkers(url, workers, 1000 * 3600, async () => {
    while ((await queue.getActiveCount()) < workers) await delay(200);
    await delay(SETTLE_MS);
    const [start, before] = [performance.now(), await cpu()];
    await delay(1000 * seconds);
    const [elapsed, used] = [(performance.now() - start) / 1000, (await cpu()) - before];
    const perWorker = used / elapsed / workers;
    say(
      `- ${workers.toLocaleString('en')} jobs that run, with a pulse every ${PULSE_MS / 1000} s: Redis uses **${((100 * used) / elapsed).toFixed(1)} % of a core**, ${(1e6 * perWorker).toFixed(0)} µs per worker and second`,
    );
    say(`- at that rate one core of Redis is full at ${Math.round(1 / perWorker).toLocaleString('en')} workers`);
  });
  await queue.obliterate({ force: true });
}

async function withWorkers(url: string, workers: number, jobMs: number, work: () => Promise<void>): Promise<void> {
  const script = fileURLToPath(new URL('simulated-workers.ts', import.meta.url));
  const name = queueName('cpu', packageVersion());
  const children = Array.from({ length: PROCESSES }, (): ChildProcess => {
    const args = [url, name, workers / PROCESSES, jobMs, PULSE_MS].map(String);
    return fork(script, args, { execArgv: ['--import', 'tsx'] });
  });
  try {
    await Promise.all(children.map((child) => once(child, 'message')));
    await work();
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await delay(SETTLE_MS);
  }
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, each) => total + each, 0);

/** A number of Redis' INFO. */
const field = (info: string, name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
