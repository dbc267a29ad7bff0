import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import type { TrainConfig } from '../../../ts-diffusion/src/training/config.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import type { Executor } from '../../src/sweep/running/executor.js';
import type { Task, TaskEnd } from '../../src/sweep/running/task.js';
import { until } from '../commands/training-child.js';
import { writeTinyData } from '../tiny-data.js';
import { executorKinds } from './executors.js';
import { trainingTask } from './training-task.js';

patientTests();

/** So many that a training can be stopped before its end, and no more. */
const STEPS = 1500;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'executor-'));
  writeTinyData(join(root, 'data'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const training = (name: string, changes: Partial<TrainConfig> = {}): Task =>
  trainingTask(root, name, { steps: STEPS, ...changes });
const pathOf = ({ output }: Task, name = ''): string => join(root, output, name);
const weightsOf = (task: Task): Float32Array => loadCheckpoint(pathOf(task)).state.parameters;
const trainer = (task: Task): number =>
  (JSON.parse(readFileSync(pathOf(task, 'run.lock'), 'utf8')) as { pid: number }).pid;

/** A run that nobody stops, unless the signal is given. @returns how it ended, and the shares it told of */
async function run(executor: Executor, task: Task, { signal } = new AbortController()): Promise<[TaskEnd, number[]]> {
  const shares: number[] = [];
  const end = await executor.run(task, { signal, onProgress: ({ share }) => shares.push(share) });
  return [end, shares];
}

describe.each(executorKinds)('an executor of $name', ({ start, create, stop: stopAll }) => {
  let executor: Executor;
  beforeAll(start);
  afterAll(stopAll);
  beforeEach(async () => {
    executor = await create(root, 2);
  });
  afterEach(() => executor.close());

  test('runs tasks at once, tells how far they are, and leaves the results in their folders', async () => {
    const tasks = [training('a', { steps: 300 }), training('b', { steps: 300 })];
    const runs = await Promise.all(tasks.map((task) => run(executor, task)));
    for (const [end, shares] of runs) {
      expect(end).toEqual({ type: 'done' });
      expect(shares.length).toBeGreaterThan(0);
      expect(shares).toEqual([...shares].sort((x, y) => x - y));
      expect(shares.at(-1)).toBe(1);
    }
    const [a, b] = tasks.map(weightsOf);
    expect(a).toEqual(b);
  });

  test('a task that is delivered again changes nothing', async () => {
    const task = training('a', { steps: 50 });
    expect((await run(executor, task))[0]).toEqual({ type: 'done' });
    const before = readFileSync(pathOf(task, 'checkpoint.safetensors'));
    expect((await run(executor, task))[0]).toEqual({ type: 'done' });
    expect(readFileSync(pathOf(task, 'checkpoint.safetensors'))).toEqual(before);
  });

  test('a failure is told in the words of the command', async () => {
    const task = training('a', { data: join(root, 'nowhere') });
    const [end] = await run(executor, task);
    expect(end).toEqual({ type: 'failed', error: expect.stringMatching(/nowhere/) as string });
    expect((end as { error: string }).error).not.toContain('error:');
  });

  test('what is stopped goes on from there, and ends with the weights of an undisturbed run', async () => {
    const [task, steady] = [training('a'), training('steady')];
    const stop = new AbortController();
    const stopped = executor.run(task, {
      signal: stop.signal,
      onProgress: ({ share }) => {
        if (share > 0) stop.abort();
      },
    });
    expect(await stopped).toEqual({ type: 'stopped' });
    const { step } = loadCheckpoint(pathOf(task));
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(STEPS);
    expect(existsSync(pathOf(task, 'run.lock'))).toBe(false);
    const [end, [first = 0]] = await run(executor, task);
    expect(end).toEqual({ type: 'done' });
    expect(first).toBeGreaterThanOrEqual(step / STEPS);
    await run(executor, steady);
    expect(weightsOf(task)).toEqual(weightsOf(steady));
  });

  test('what is killed has failed, and goes on when it is run again', async () => {
    const task = training('a');
    const killed = run(executor, task);
    await until(() => existsSync(pathOf(task, 'checkpoint.safetensors')));
    process.kill(trainer(task), 'SIGKILL');
    expect((await killed)[0]).toMatchObject({ type: 'failed', error: 'The process ended early (SIGKILL).' });
    const [end, [first = 0]] = await run(executor, task);
    expect(end).toEqual({ type: 'done' });
    expect(first).toBeGreaterThan(0);
    expect(loadCheckpoint(pathOf(task)).step).toBe(STEPS);
  });

  test('nothing is begun once it is to stop', async () => {
    const task = training('a');
    const stop = new AbortController();
    stop.abort();
    expect(await run(executor, task, stop)).toEqual([{ type: 'stopped' }, []]);
    expect(existsSync(pathOf(task, 'metrics.jsonl'))).toBe(false);
  });
});
