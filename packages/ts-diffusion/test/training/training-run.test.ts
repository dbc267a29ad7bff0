import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainConfig } from '../../src/training/config.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { TrainingDivergedError } from '../../src/training/errors.js';
import { readMetrics } from '../../src/node/training/metrics.js';
import { modelFor } from '../../src/training/model-for-data.js';
import type { InitialWeights } from '../../src/training/initial-weights.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { train, type TrainingEvent, type TrainingRun } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
const dataset = tinyDataset();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

/** Trains in a new folder of that name, or resumes the run in it; returns the events. */
async function trainIn(
  name: string,
  config: TrainConfig,
  more: Partial<TrainingRun> = {},
  onEvent: (event: TrainingEvent) => void = () => undefined,
): Promise<TrainingEvent[]> {
  const folder = more.resume ? RunFolder.resume(inFolder(name)) : RunFolder.create(inFolder(name), config);
  const events: TrainingEvent[] = [];
  try {
    for await (const event of train({ config, dataset, runtime, store: folder, ...more })) {
      events.push(event);
      onEvent(event);
    }
  } finally {
    folder.close();
  }
  return events;
}

function checkpointIn(name: string) {
  const folder = RunFolder.resume(inFolder(name));
  folder.close();
  return folder.readCheckpoint();
}

const losses = (events: readonly TrainingEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));

test('yields what happens, in order', async () => {
  const events = await trainIn('run', tinyConfig({ steps: 7, checkpointEvery: 3, sampleEvery: 5 }));
  expect(events.map((event) => (event.type === 'step' ? event.step : `${event.type} ${event.step}`))).toEqual([
    'started 0',
    ...[1, 2, 3, 'checkpoint 3', 4, 5, 'samples-due 5', 6, 'checkpoint 6', 7, 'checkpoint 7', 'stopped 7'],
  ]);
  expect(events.at(-1)).toMatchObject({ reason: 'finished' });
});

test('metrics hold the mean loss since the line before, and a line precedes each checkpoint', async () => {
  const events = await trainIn('run', tinyConfig({ steps: 9, logEvery: 2, checkpointEvery: 5 }));
  const loss = losses(events);
  const lines = readMetrics(join(inFolder('run'), 'metrics.jsonl'));
  expect(lines.map(({ step }) => step)).toEqual([2, 4, 5, 6, 8, 9]);
  expect(lines[0]?.loss).toBeCloseTo(((loss[0] as number) + (loss[1] as number)) / 2, 12);
  expect(lines[2]?.loss).toBe(loss[4]);
});

describe('the loss', () => {
  // An untrained network predicts about 0, so the loss begins at E|ε| = √(2/π) and E ε² = 1.
  test.each([
    ['l1', Math.sqrt(2 / Math.PI)],
    ['l2', 1],
  ] as const)('%s begins where the noise itself puts it', async (loss, expected) => {
    const [first] = losses(await trainIn('run', tinyConfig({ steps: 1, batchSize: 64, loss })));
    expect(Math.abs((first as number) / expected - 1)).toBeLessThan(0.06);
  });

  test('falls', async () => {
    const loss = losses(await trainIn('run', tinyConfig({ steps: 300, batchSize: 16, learningRate: 5e-3 })));
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(loss.slice(-30))).toBeLessThan(0.97 * mean(loss.slice(0, 10)));
  });
});

test('without averaging, the averaged weights are the weights', async () => {
  await trainIn('run', tinyConfig({ emaDecay: 0 }));
  const { state } = checkpointIn('run');
  expect(state.ema).toEqual(state.parameters);
});

describe('initial weights', () => {
  const config = tinyConfig({ initialWeights: 'runs/earlier', learningRate: 1e-30, steps: 2 });

  test('are what the run begins with, averaged ones too', async () => {
    const model = modelFor(config, dataset);
    const parameters = denoiserParameters(model).initialise(99);
    await trainIn('further', config, { initialWeights: { model, parameters } });
    const { state } = checkpointIn('further');
    expect(state.parameters).toEqual(parameters);
    expect(state.ema).toEqual(parameters);
  });

  test('are in the first checkpoint, so that a killed run needs them no more', async () => {
    const learning = { ...config, learningRate: 1e-3 };
    const model = modelFor(config, dataset);
    const initialWeights = { model, parameters: denoiserParameters(model).initialise(99) };
    await trainIn('steady', learning, { initialWeights });
    const killed = trainIn('killed', learning, { initialWeights }, ({ type }) => {
      if (type === 'step') throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    const resume = checkpointIn('killed');
    expect(resume.step).toBe(0);
    await trainIn('killed', learning, { resume });
    expect(checkpointIn('killed').state).toEqual(checkpointIn('steady').state);
  });

  test('of another network or prediction, without an end, not named or not loaded are refused before the first step', async () => {
    const model = modelFor(config, dataset);
    const parameters = denoiserParameters(model).initialise(99);
    const attempt = (name: string, initialWeights?: InitialWeights, its = config) =>
      trainIn(name, its, { initialWeights });
    await expect(attempt('other', { model: { ...model, classes: 12 }, parameters })).rejects.toThrow(
      'runs/earlier: the network of these weights has "classes" 12, this run\'s has 10.',
    );
    await expect(attempt('images', { model, parameters, prediction: 'x0' })).rejects.toThrow(
      "runs/earlier: the network of these weights predicts x0, this run's epsilon. Give --prediction x0",
    );
    await expect(attempt('nan', { model, parameters: parameters.fill(NaN, 7, 8) })).rejects.toThrow(
      'some weights are not finite numbers',
    );
    await expect(attempt('unnamed', { model, parameters }, tinyConfig())).rejects.toThrow('Set "initialWeights"');
    await expect(attempt('missing')).rejects.toThrow('"runs/earlier", but the weights in it were not loaded');
  });
});

describe('determinism', () => {
  test('the same seed gives the same bits, another seed others', async () => {
    await trainIn('a', tinyConfig());
    await trainIn('b', tinyConfig());
    await trainIn('c', tinyConfig({ seed: 6 }));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => readFileSync(join(inFolder(name), 'checkpoint.safetensors')));
    expect(a?.equals(b as Buffer)).toBe(true);
    expect(a?.equals(c as Buffer)).toBe(false);
  });

  test('interrupted at any step and resumed: the bits of an uninterrupted run', async () => {
    const config = tinyConfig();
    await trainIn('steady', config);
    for (const stopAt of [1, 4, 5, 11]) {
      const name = `stopped-${stopAt}`;
      const controller = new AbortController();
      const events = await trainIn(name, config, { signal: controller.signal }, (event) => {
        if (event.type === 'step' && event.step === stopAt) controller.abort();
      });
      expect(events.at(-1)).toEqual({ type: 'stopped', step: stopAt, reason: 'interrupted' });
      await trainIn(name, config, { resume: checkpointIn(name) });
      expect(checkpointIn(name)).toEqual(checkpointIn('steady'));
    }
  });
});

test('interrupted while samples are drawn, no further step is taken, and the checkpoint has the weights that are due', async () => {
  const config = tinyConfig({ steps: 9, checkpointEvery: 5, sampleEvery: 3, logEvery: 5 });
  const controller = new AbortController();
  let due: Float32Array | undefined;
  const events = await trainIn('stopped', config, { signal: controller.signal }, (event) => {
    if (event.type !== 'samples-due') return;
    due = event.ema;
    controller.abort();
  });
  expect(events.slice(-3).map(({ type, step }) => `${type} ${step}`)).toEqual([
    'samples-due 3',
    'checkpoint 3',
    'stopped 3',
  ]);
  const resume = checkpointIn('stopped');
  expect(resume.state.ema).toEqual(due);
  await trainIn('stopped', config, { resume });
  await trainIn('steady', config);
  expect(checkpointIn('stopped').state).toEqual(checkpointIn('steady').state);
});

test('resumed with more steps, a decaying learning rate begins a new cycle, which survives kills', async () => {
  const rates = (events: readonly TrainingEvent[]): number[] =>
    events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
  const [six, twelve] = [tinyConfig({ steps: 6, checkpointEvery: 4 }), tinyConfig({ steps: 12, checkpointEvery: 4 })];
  const first = rates(await trainIn('run', six));
  const resume = checkpointIn('run');
  await trainIn('killed', six);
  // The same schedule again: this one is trained for 6 steps from its warm-up on.
  expect(rates(await trainIn('run', twelve, { resume }))).toEqual(first);

  const killed = trainIn('killed', twelve, { resume }, ({ type, step }) => {
    if (type === 'step' && step === 10) throw new Error('killed');
  });
  await expect(killed).rejects.toThrow('killed');
  const again = checkpointIn('killed');
  expect([again.step, again.cycleStart]).toEqual([8, 6]);
  expect(rates(await trainIn('killed', twelve, { resume: again }))).toEqual(first.slice(2));
  expect(checkpointIn('killed').state).toEqual(checkpointIn('run').state);
});

test('stops with a checkpoint when the time is up', async () => {
  const events = await trainIn('run', tinyConfig({ maxMinutes: 1e-9 }));
  expect(events.at(-1)).toEqual({ type: 'stopped', step: 1, reason: 'time' });
  expect(checkpointIn('run').step).toBe(1);
});

test('a run that has taken all its steps only says so', async () => {
  const config = tinyConfig();
  await trainIn('run', config);
  const events = await trainIn('run', config, { resume: checkpointIn('run') });
  expect(events.map(({ type }) => type)).toEqual(['started', 'stopped']);
});

test('a loss that is not finite stops the run and keeps the last good checkpoint', async () => {
  const config = tinyConfig({ learningRate: 1e30, warmupSteps: 0, learningRateDecay: 'none', checkpointEvery: 1 });
  const steps: number[] = [];
  const run = trainIn('run', config, {}, (event) => {
    if (event.type === 'checkpoint') steps.push(event.step);
  });
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TrainingDivergedError);
  const { step, learningRate, message } = error as TrainingDivergedError;
  expect(learningRate).toBe(1e30);
  expect(message).toMatch(/^Training diverged at step \d+: the (loss is|weights are) .*lower --learning-rate/);
  const kept = checkpointIn('run');
  expect(kept.step).toBe(steps.at(-1));
  expect(kept.step).toBeLessThan(step);
  expect(kept.state.parameters.every(Number.isFinite)).toBe(true);
});

test('weights that are not finite are not sampled from, even where the loss was', async () => {
  // The first loss is finite; a learning rate that overflows float32 then leaves nothing finite.
  const config = tinyConfig({ learningRate: 1e39, warmupSteps: 0, learningRateDecay: 'none', sampleEvery: 1 });
  const events: string[] = [];
  await expect(
    trainIn('run', config, {}, ({ type }) => {
      events.push(type);
    }),
  ).rejects.toThrow(/^Training diverged at step 1: the weights are no longer finite numbers/);
  expect(events).toEqual(['started', 'step']);
});

describe('errors', () => {
  test('a folder with a checkpoint that is not to be resumed', async () => {
    const config = tinyConfig();
    await trainIn('run', config);
    const before = readFileSync(join(inFolder('run'), 'checkpoint.safetensors'));
    const folder = RunFolder.resume(inFolder('run'));
    const started = train({ config, dataset, runtime, store: folder }).next();
    await expect(started).rejects.toThrow(/this folder already has a checkpoint.*Resume the run, or choose another/);
    folder.close();
    expect(readFileSync(join(inFolder('run'), 'checkpoint.safetensors')).equals(before)).toBe(true);
  });

  test('a checkpoint of another configuration, network or data set', async () => {
    const config = tinyConfig({ learningRateDecay: 'none' });
    await trainIn('run', config);
    const resume = checkpointIn('run');
    const refused = (changes: Partial<TrainConfig>, more: Partial<TrainingRun> = {}): Promise<unknown> =>
      trainIn('run', { ...config, steps: 20, ...changes }, { resume, ...more });
    await expect(refused({ emaDecay: 0.5 })).rejects.toThrow('"emaDecay" is 0.999 in this run and cannot become 0.5');
    await expect(refused({}, { dataset: { ...dataset, classes: 12 } })).rejects.toThrow(
      '"classes" 10, this run\'s has 12',
    );
    await expect(refused({}, { dataset: tinyDataset(2) })).rejects.toThrow(/trained on other images/);
    await trainIn('run', { ...config, steps: 20 }, { resume });
    expect(checkpointIn('run').step).toBe(20);
    expect(checkpointIn('run').config.steps).toBe(20);
  });

  test('images that cannot be halved often enough', async () => {
    await expect(trainIn('run', tinyConfig(), { dataset: tinyDataset(1, 10) })).rejects.toThrow(
      /tiny images: the images are 10x10 pixels;.*multiple of 4/,
    );
  });
});
