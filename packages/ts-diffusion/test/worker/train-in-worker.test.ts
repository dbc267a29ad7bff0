import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createDataset } from '../../src/data/dataset.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../src/training/checkpoint-format.js';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import { RunFolderError, TrainingDivergedError } from '../../src/training/errors.js';
import { train } from '../../src/training/training-run.js';
import { ConfigError } from '../../src/utils/errors.js';
import { RandomStream, Purpose } from '../../src/utils/random.js';
import { WorkerEndedError } from '../../src/worker/errors.js';
import { trainInWorker, type WorkerTrainingOptions } from '../../src/worker/train-in-worker.js';
import type { WorkerTrainingEvent } from '../../src/worker/training-event.js';
import { patientTests } from '../patience.js';
import { nodeWorkers } from './node-worker.js';

patientTests();
const SIDE = 8;
const COUNT = 20;
const config = {
  channels: [4, 8],
  timesteps: 10,
  batchSize: 4,
  steps: 4,
  checkpointEvery: 3,
  logEvery: 2,
  sampleEvery: 0,
  device: 'cpu',
  threads: 1,
} as const;
const changes = { ...config, channels: [...config.channels] };

const stream = new RandomStream(0, Purpose.trainingBatch);
const pixels = Uint8Array.from({ length: COUNT * SIDE ** 2 }, () => stream.integer(256));
const dataset = createDataset(
  { shape: [COUNT, SIDE, SIDE], data: pixels },
  { shape: [COUNT], data: Uint8Array.from({ length: COUNT }, (_, i) => i % 10) },
  'random images',
);
const folder = mkdtempSync(join(tmpdir(), 'train-in-worker-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What the trainer itself gives in this process. */
async function trained(steps: number): Promise<{ checkpoint: Checkpoint; losses: number[] }> {
  const runtime = await createNodeRuntime({ threads: 1 });
  const losses: number[] = [];
  let newest: Checkpoint | undefined;
  const store = {
    path: 'memory',
    hasCheckpoint: false,
    openMetrics: () => ({ append: () => undefined, flush: () => undefined, close: () => undefined }),
    writeCheckpoint: (checkpoint: Checkpoint) => {
      newest = checkpoint;
    },
  };
  const run = { config: resolveTrainConfig('paper', { ...changes, steps }), dataset, runtime, store };
  for await (const event of train(run)) if (event.type === 'step') losses.push(event.loss);
  return { checkpoint: newest as Checkpoint, losses };
}

describe('a training in a child process', () => {
  const workers = nodeWorkers();
  const begin = (options: WorkerTrainingOptions = {}) =>
    trainInWorker({ config: changes, dataset, device: 'cpu', threads: 1, on: workers.start(), ...options });
  const all = async (options?: WorkerTrainingOptions): Promise<WorkerTrainingEvent[]> => {
    const events: WorkerTrainingEvent[] = [];
    for await (const event of begin(options)) events.push(event);
    return events;
  };
  const newestCheckpoint = (events: readonly WorkerTrainingEvent[]): Uint8Array => {
    const found = events.findLast((event) => event.type === 'checkpoint');
    return found?.checkpoint ?? new Uint8Array();
  };

  test('chooses a network for the images by the preset images', async () => {
    const { timesteps, batchSize, checkpointEvery, threads } = config;
    const given = { timesteps, batchSize, checkpointEvery, threads, steps: 1, samplingSteps: 5, sampleEvery: 0 };
    const events = await all({ preset: 'images', config: given });
    const { config: used } = decodeCheckpoint(newestCheckpoint(events), 'it');
    // 20 gray images of 8x8.
    expect(used).toMatchObject({ model: 'modern-unet', channels: [32, 64], patchSize: 1, dropout: 0.2, steps: 1 });
  });

  test('takes the steps of the trainer, to the bit, and tells of each', async () => {
    const events = await all({ samples: { labels: [1, 2] } });
    const { checkpoint, losses } = await trained(4);
    expect(events.map(({ type }) => type)).toEqual([
      ...['started', 'step', 'step', 'metrics', 'step', 'metrics', 'checkpoint', 'samples'],
      ...['step', 'metrics', 'checkpoint', 'samples', 'stopped'],
    ]);
    expect(events[0]).toMatchObject({ step: 0, steps: 4, images: COUNT, threads: 1 });
    expect(events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))).toEqual(losses);
    expect(events.flatMap((event) => (event.type === 'metrics' ? [event.line.step] : []))).toEqual([2, 3, 4]);
    const samples = events.flatMap((event) => (event.type === 'samples' ? [event.images] : []));
    expect(samples.map(({ length }) => length)).toEqual([2 * SIDE ** 2, 2 * SIDE ** 2]);
    expect(samples[0]).not.toEqual(samples[1]);
    expect(Buffer.compare(newestCheckpoint(events), encodeCheckpoint(checkpoint))).toBe(0);
    expect(events.at(-1)).toEqual({ type: 'stopped', step: 4, reason: 'finished' });
  });

  test('is interrupted by the signal with a checkpoint, and gone on with from that to the same weights', async () => {
    const abort = new AbortController();
    const first: WorkerTrainingEvent[] = [];
    for await (const event of begin({ signal: abort.signal })) {
      first.push(event);
      if (event.type === 'step' && event.step === 2) abort.abort();
    }
    expect(first.at(-1)).toEqual({ type: 'stopped', step: 2, reason: 'interrupted' });
    const rest = await all({ checkpoint: newestCheckpoint(first), config: {} });
    expect(rest[0]).toMatchObject({ type: 'started', step: 2, steps: 4 });
    const { state } = decodeCheckpoint(newestCheckpoint(rest), 'it');
    expect(state.parameters).toEqual((await trained(4)).checkpoint.state.parameters);
  });

  test('keeps its run in a folder, and goes on with it', async () => {
    const runFolder = join(folder, 'run');
    const events = await all({ runFolder });
    expect(events.filter((event) => event.type === 'checkpoint')).toEqual([
      { type: 'checkpoint', step: 3 },
      { type: 'checkpoint', step: 4 },
    ]);
    const path = join(runFolder, 'checkpoint.safetensors');
    expect(decodeCheckpoint(readFileSync(path), path).step).toBe(4);
    expect(existsSync(join(runFolder, 'run.lock'))).toBe(false);
    expect(readFileSync(join(runFolder, 'metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(3);
    const more = await all({ runFolder, config: { steps: 6 } });
    expect(more[0]).toMatchObject({ type: 'started', step: 4, steps: 6 });
    expect(more.at(-1)).toMatchObject({ step: 6, reason: 'finished' });
    await expect(all({ runFolder, config: { batchSize: 5 } })).rejects.toBeInstanceOf(ConfigError);
    await expect(all({ runFolder: import.meta.dirname })).rejects.toBeInstanceOf(RunFolderError);
    await expect(all({ runFolder, checkpoint: new Uint8Array() })).rejects.toThrow('not both');
  });

  test('waits with the next step until its caller has dealt with an event, and ends when that leaves', async () => {
    const runFolder = join(folder, 'left');
    const on = workers.start();
    for await (const event of begin({ on, runFolder, config: { ...changes, steps: 1000, checkpointEvery: 1 } })) {
      if (event.type === 'checkpoint') break;
    }
    const path = join(runFolder, 'checkpoint.safetensors');
    expect(decodeCheckpoint(readFileSync(path), path).step).toBe(1);
    // The folder is free again, in the process that goes on.
    const rest = await all({ on, runFolder, config: { steps: 2 } });
    expect(rest.at(-1)).toMatchObject({ step: 2 });
  });

  test('refuses images in files, and what cannot be sent, without leaving a worker behind', async () => {
    const stored = { ...dataset, images: { read: () => undefined, close: () => undefined } };
    await expect(all({ dataset: stored as never })).rejects.toThrow('Give inMemory(dataset), or config.data');
    const unsendable = { ...changes, seed: () => 1 };
    await expect(all({ config: unsendable as never })).rejects.toThrow(/functions and open files cannot be sent/);
  });

  test('rejects with the error of the trainer, and with the crash of its process', async () => {
    const diverging = all({ config: { ...changes, learningRate: 1e30, steps: 50 } });
    await expect(diverging).rejects.toBeInstanceOf(TrainingDivergedError);
    const crashed = (async () => {
      for await (const { type } of begin({ config: { ...changes, steps: 1000 } })) {
        if (type === 'step') workers.processes.at(-1)?.kill('SIGKILL');
      }
    })();
    await expect(crashed).rejects.toBeInstanceOf(WorkerEndedError);
  });
});
