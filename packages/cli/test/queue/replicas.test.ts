import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import { runCli } from '../commands/run-cli.js';
import { trainingTask } from '../sweep/training-task.js';
import { writeTinyData } from '../tiny-data.js';
import { startCli, startWorker } from './queue-processes.js';
import { startRedis, type TestServer } from './test-servers.js';

patientTests();

let root: string;
let redis: TestServer;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'replicas-'));
  writeTinyData(join(root, 'data'));
  trainingTask(root, 'plan', { steps: 8, replicas: 2, syncEvery: 4, threads: 1, checkpointEvery: 1000, logEvery: 1 });
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(root, { recursive: true });
});

test('replicas on the workers of a queue give the bits of those on one machine', async () => {
  const train = (run: string): string[] => ['train', '--config', 'trainings/plan/config.json', '--run', run];
  const workers = [1, 2].map(() => startWorker(root, redis.url));
  for (const { text } of workers) await expect.poll(text, patient).toContain('takes jobs from');
  const local = startCli(root, train('local'));
  const queued = startCli(root, [...train('queued'), '--queue'], redis.url);
  expect(await local.end, local.text()).toEqual({ code: 0, signal: null });
  expect(await queued.end, queued.text()).toEqual({ code: 0, signal: null });
  for (const { child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ end }) => end));
  const [here, there] = ['local', 'queued'].map((run) => loadCheckpoint(join(root, run)));
  expect(there?.step).toBe(8);
  for (const name of ['parameters', 'ema'] as const) {
    expect(Buffer.compare(Buffer.from(here?.state[name] ?? []), Buffer.from(there?.state[name] ?? []))).toBe(0);
    expect(there?.state[name]).toEqual(here?.state[name]);
  }
  const losses = (run: string): unknown[] =>
    readFileSync(join(root, run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly loss: number }).loss);
  expect(losses('queued')).toEqual(losses('local'));
  // Of the four slices of two rounds each was done by a worker.
  const done = workers.map(({ text }) => text().match(/^done: replica \d, steps/gm)?.length ?? 0);
  expect(done[0] ?? 0).toBeGreaterThan(0);
  expect(done[1] ?? 0).toBeGreaterThan(0);
  expect((done[0] ?? 0) + (done[1] ?? 0)).toBe(4);
});

test('a queue is for replicas, and its workers have slots', () => {
  writeFileSync(join(root, 'empty.json'), '{}');
  const config = join(root, 'trainings/plan/config.json');
  const refused = (...args: string[]): string => runCli(['train', '--queue', 'redis://host', ...args], root).stderr;
  expect(refused('--config', config, '--run', 'a', '--jobs', '2')).toMatch(
    /^error: --jobs is for replicas on this machine/m,
  );
  expect(refused('--config', 'empty.json', '--data', 'data', '--run', 'b')).toMatch(
    /^error: --queue is for replicas, .* Add --replicas, or remove --queue\.$/m,
  );
});
