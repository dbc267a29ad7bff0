import { beforeAll, expect, test } from 'vitest';
import { fitToneCurve } from '../../src/diffusion/tone-curve.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { pipelineModel } from '../../src/pipeline/checkpoint-model.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { someRows } from '../../src/pipeline/fit-trained-tone-curve.js';
import type { Runtime } from '../../src/runtime/types.js';
import type { Checkpoint } from '../../src/training/checkpoint-format.js';
import type { TrainConfig } from '../../src/training/config.js';
import { train } from '../../src/pipeline/train.js';
import { train as trainWithout, type TrainingEvent, type TrainingRun } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
const dataset = tinyDataset();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

const IMAGES = 20;
const config = tinyConfig({
  ...{ steps: 3, learningRateDecay: 'none' },
  ...{ toneCurve: IMAGES, sampler: 'dpm-solver++', samplingSteps: 3 },
});

async function trainIn(
  name: string,
  of: TrainConfig,
  more: Partial<TrainingRun> = {},
  onEvent: (event: TrainingEvent) => void = () => undefined,
): Promise<{ readonly events: readonly TrainingEvent[]; readonly checkpoint: Checkpoint }> {
  const folder = more.resume ? RunFolder.resume(inFolder(name)) : RunFolder.create(inFolder(name), of);
  const events: TrainingEvent[] = [];
  try {
    for await (const event of train({ config: of, dataset, runtime, store: folder, ...more })) {
      events.push(event);
      onEvent(event);
    }
    return { events, checkpoint: folder.readCheckpoint() };
  } finally {
    folder.close();
  }
}

test('the last checkpoint alone has the curve by which samples get the grey levels of the training images', async () => {
  const { events, checkpoint } = await trainIn('run', { ...config, checkpointEvery: 1 });
  const at = events.findIndex(({ type }) => type === 'tone-curve');
  expect(events.slice(0, at).slice(-2)).toMatchObject([
    { type: 'step', step: 3 },
    { type: 'checkpoint', step: 3 },
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'stopped', reason: 'finished' });
  const folder = RunFolder.resume(inFolder('run'));
  folder.close();
  const previous = folder.readPreviousCheckpoint();
  expect(previous).toMatchObject({ step: 2 });
  expect(previous?.toneCurve).toBeUndefined();

  const pipeline = new DiffusionPipeline(runtime, pipelineModel(checkpoint));
  const labels = someRows(dataset.count, IMAGES).map((row) => dataset.labels[row] ?? -1);
  const drawn = await pipeline.generate({ labels, seed: 1, rawLevels: true });
  await pipeline.dispose();
  expect(checkpoint.toneCurve).toEqual(fitToneCurve(drawn, { ...dataset, channels: 1 }));
});

test('the labels that it is fitted with are as frequent as in training, also where classes take turns', () => {
  const classes = someRows(10_000, 500).map((row) => row % 10);
  const counts = Array.from({ length: 10 }, (_, label) => classes.filter((each) => each === label).length);
  // Binomial, 50 ± 6.7 each.
  expect(Math.min(...counts)).toBeGreaterThan(25);
  expect(Math.max(...counts)).toBeLessThan(75);
});

test('the last weights are written before it is fitted: where that fails they are there', async () => {
  const failing = trainIn('failing', config, {
    fitToneCurve: async function* () {
      await Promise.resolve();
      throw new Error('out of memory');
    },
  });
  await expect(failing).rejects.toThrow('out of memory');
  const folder = RunFolder.resume(inFolder('failing'));
  folder.close();
  const resume = folder.readCheckpoint();
  expect(resume).toMatchObject({ step: 3 });
  const { checkpoint } = await trainIn('failing', config, { resume });
  expect(checkpoint).toEqual((await trainIn('whole', config)).checkpoint);
});

test('a finished run that is resumed with another sampler gets the curve of that', async () => {
  const { checkpoint: resume } = await trainIn('changed', config);
  const other = { ...config, samplingSteps: 5 };
  const { checkpoint } = await trainIn('changed', other, { resume });
  expect(checkpoint.config.samplingSteps).toBe(5);
  expect(checkpoint.toneCurve).toEqual((await trainIn('otherwise', other)).checkpoint.toneCurve);
  const { checkpoint: without } = await trainIn('changed', { ...other, toneCurve: 0 }, { resume: checkpoint });
  expect(without.toneCurve).toBeUndefined();
});

test('weights of the last step, to which it was not fitted, are drawn without it', async () => {
  const { checkpoint } = await trainIn('run', config);
  expect(pipelineModel(checkpoint).toneCurve).toBeDefined();
  expect(pipelineModel(checkpoint, { ema: false }).toneCurve).toBeUndefined();
});

test('a run that is stopped while it is fitted has its last weights, and fits it when it is resumed', async () => {
  const stop = new AbortController();
  const stopped = await trainIn('stopped', config, { signal: stop.signal }, ({ type }) => {
    if (type === 'tone-curve') stop.abort();
  });
  expect(stopped.events.at(-1)).toMatchObject({ step: 3, reason: 'interrupted' });
  expect(stopped.checkpoint).toMatchObject({ step: 3 });
  expect(stopped.checkpoint.toneCurve).toBeUndefined();

  const resumed = await trainIn('stopped', config, { resume: stopped.checkpoint });
  expect(resumed.events.at(-1)).toMatchObject({ reason: 'finished' });
  const whole = await trainIn('whole', config);
  expect(resumed.checkpoint).toEqual(whole.checkpoint);
});

test('a run that trains further gets the curve of its new last step', async () => {
  const { checkpoint: resume } = await trainIn('further', config);
  const longer = { ...config, steps: 5 };
  const { checkpoint } = await trainIn('further', longer, { resume });
  const whole = await trainIn('whole', longer);
  expect(checkpoint.toneCurve).toEqual(whole.checkpoint.toneCurve);
});

test('a finished run that is resumed with a wish for one gets it without another step', async () => {
  const { checkpoint: resume } = await trainIn('without', { ...config, toneCurve: 0 });
  const { events, checkpoint } = await trainIn('without', config, { resume });
  expect(events.filter(({ type }) => type === 'step')).toEqual([]);
  expect(checkpoint.state).toEqual(resume.state);
  expect(checkpoint.toneCurve).toBeDefined();
});

test('a training that is given nothing to draw with is refused before its first step', async () => {
  const store = RunFolder.create(inFolder('refused'), config);
  try {
    const events = trainWithout({ config, dataset, runtime, store });
    await expect(events.next()).rejects.toThrow('"toneCurve" is 20, but this training was given nothing to draw with.');
  } finally {
    store.close();
  }
});
