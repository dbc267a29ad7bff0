import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { PipelineState } from '../../src/pipeline/run-plan.js';
import { encodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { CheckpointError, ConfigError } from '../../src/utils/errors.js';
import { WorkerEndedError } from '../../src/worker/errors.js';
import { WorkerPipeline } from '../../src/worker/worker-pipeline.js';
import { patient, patientTests } from '../patience.js';
import { tinyCheckpoint, tinyModel } from '../pipeline/tiny-model.js';
import { nodeWorkers } from './node-worker.js';

patientTests();
const file = encodeCheckpoint(tinyCheckpoint());
/** Long enough to be cut short: some thousand evaluations of the network. */
const LONG = { labels: new Int32Array(256).fill(3), samplingSteps: 10, batchSize: 1 };

describe('a pipeline in a child process', () => {
  const workers = nodeWorkers();
  const load = (options: Parameters<typeof WorkerPipeline.load>[1] = {}): Promise<WorkerPipeline> =>
    WorkerPipeline.load(file, { on: workers.start(), device: 'cpu', threads: 1, ...options });

  test('draws what the direct pipeline draws, with its states', async () => {
    const direct = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), {
      ...tinyModel(1),
      guidanceWeight: 0.4,
    });
    const pipeline = await load({ batchSizes: [] });
    expect(pipeline.info).toMatchObject({
      device: 'cpu',
      threads: 1,
      model: tinyModel().model,
      parameters: tinyModel().parameters.length,
      timesteps: 10,
      guidanceWeight: 0.4,
      origin: { step: 7, averaged: true },
    });
    const options = { labels: [3, 1, 4], seed: 5 };
    const [told, own]: [PipelineState[], PipelineState[]] = [[], []];
    const drawn = await pipeline.generate(options, { onState: (state) => told.push(state) });
    const onState = (state: PipelineState): void => {
      own.push({ ...state, x: state.x.slice() });
    };
    expect(drawn).toEqual(await direct.generate(options, { onState }));
    expect(told).toHaveLength(11);
    expect(told.map(({ x }) => x)).toEqual(own.map(({ x }) => x));
    expect(told.map(({ predictedX0 }) => predictedX0)).toEqual(own.map(({ predictedX0 }) => predictedX0));

    const images = drawn.images;
    const edited = { ...options, images, strength: 0.5 };
    expect(await pipeline.edit(edited)).toEqual(await direct.edit(edited));
    const inpainted = { ...options, images, mask: Uint8Array.from({ length: 64 }, (_, i) => i % 2) };
    expect(await pipeline.inpaint(inpainted)).toEqual(await direct.inpaint(inpainted));
    const end = (of: WorkerPipeline | DiffusionPipeline, label: number) => ({
      label,
      noise: of.initialNoise(2, label),
    });
    expect(await pipeline.interpolate({ from: end(pipeline, 1), to: end(pipeline, 2), frames: 3 })).toEqual(
      await direct.interpolate({ from: end(direct, 1), to: end(direct, 2), frames: 3 }),
    );
    const encoded = { labels: [3, 1, 4], images, samplingSteps: 3 };
    expect(await pipeline.encode(encoded)).toEqual(await direct.encode(encoded));
    await direct.dispose();
  });

  test('leaves the event loop free while it draws', async () => {
    const pipeline = await load({ batchSizes: [] });
    let [ticks, done] = [0, false];
    const timer = setInterval(() => ticks++, 5);
    const begin = performance.now();
    const drawing = pipeline
      .generate({ labels: new Int32Array(256).fill(1), batchSize: 256 })
      .finally(() => (done = true));
    let longest = 0;
    for (let last = performance.now(); !done; last = performance.now()) {
      await delay(1);
      longest = Math.max(longest, performance.now() - last);
    }
    await drawing;
    clearInterval(timer);
    const milliseconds = performance.now() - begin;
    expect(ticks).toBeGreaterThan(milliseconds / 50);
    // An evaluation of 512 images takes longer.
    expect(longest).toBeLessThan(milliseconds / 4);
  });

  test('stops before its next evaluation when it is aborted, and is free for the next', async () => {
    const pipeline = await load();
    const abort = new AbortController();
    const states: number[] = [];
    const drawing = pipeline.generate(LONG, {
      signal: abort.signal,
      onState: ({ step, first }) => {
        states.push(11 * first + step);
        if (states.length === 3) abort.abort();
      },
    });
    await expect(drawing).rejects.toMatchObject({ name: 'AbortError' });
    expect(states).toHaveLength(3);
    const begin = performance.now();
    await pipeline.generate({ labels: [1], samplingSteps: 1 });
    const whole = performance.now();
    // What was aborted would take longer by far than the one after it.
    await pipeline.generate(LONG);
    expect(whole - begin).toBeLessThan((performance.now() - whole) / 4);

    const reason = new Error('no more time');
    await expect(pipeline.generate(LONG, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('does a newer request in place of an older one where the newest wins, otherwise one after the other', async () => {
    const on = workers.start();
    const pipeline = await load({ on, newestWins: true });
    const older = pipeline.generate(LONG);
    const newer = pipeline.generate({ labels: [2] });
    await expect(older).rejects.toMatchObject({
      name: 'AbortError',
      message: expect.stringContaining('newer') as string,
    });
    expect((await newer).count).toBe(1);
    const patientOne = await load({ on });
    const both = await Promise.all([patientOne.generate({ labels: [1, 2] }), patientOne.generate({ labels: [2] })]);
    expect(both.map(({ count }) => count)).toEqual([2, 1]);
  });

  test('reports a crash to the request under way, and computes the next in a new process', async () => {
    const pipeline = await load();
    const before = await pipeline.generate({ labels: [3] });
    const crashed = pipeline.generate(LONG, {
      onState: ({ step }) => step === 2 && workers.processes.at(-1)?.kill('SIGKILL'),
    });
    const error = await crashed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WorkerEndedError);
    expect((error as Error).message).toMatch(/ended unexpectedly \(SIGKILL\)/);
    const processes = workers.processes.length;
    expect(await pipeline.generate({ labels: [3] })).toEqual(before);
    expect(workers.processes).toHaveLength(processes + 1);
  });

  test('keeps the classes of errors', async () => {
    const pipeline = await load();
    const refused = pipeline.generate({ labels: [10] });
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toThrow('label is 10; expected 0..9');
    await expect(pipeline.generate({ labels: [NaN] })).rejects.toThrow('label is NaN; expected 0..9');
    const unsendable = { labels: [1], omega: () => 1 };
    await expect(pipeline.generate(unsendable as never)).rejects.toBeInstanceOf(ConfigError);
    await expect(pipeline.generate({ labels: [10] })).rejects.toThrow('label is 10');
    const [on, damaged] = [workers.start(), file.slice()];
    damaged[damaged.length - 1] = 255 - (damaged.at(-1) ?? 0);
    await expect(WorkerPipeline.load(damaged, { on })).rejects.toBeInstanceOf(CheckpointError);
    await expect(WorkerPipeline.load('./no-such', { on })).rejects.toThrow('./no-such: no such checkpoint file');
  });

  test('ends its process with dispose, whatever is under way', async () => {
    const on = workers.start();
    const pipeline = await load({ on });
    const child = workers.processes.at(-1);
    const drawing = pipeline.generate(LONG, {
      onState: () => {
        on.dispose();
      },
    });
    await expect(drawing).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => child?.signalCode, patient).toBe('SIGKILL');
    await expect(pipeline.generate({ labels: [1] })).rejects.toThrow('disposed of');
  });

  test('tells how much of the model has arrived', async () => {
    const told: unknown[] = [];
    const path = new URL('../../models/quick.safetensors', import.meta.url);
    await WorkerPipeline.load(path, { on: workers.start(), onProgress: (progress) => told.push(progress) });
    const { size } = statSync(path);
    expect(told).toEqual([{ loaded: size, total: size }]);
  });
});
