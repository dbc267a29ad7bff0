import { beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { readCheckpointFile } from '../../src/node/training/checkpoint.js';
import { readMetrics, readWatched } from '../../src/node/training/metrics.js';
import { RunFolder, bestWeightsFile } from '../../src/node/training/run-folder.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { buildDenoiser } from '../../src/models/denoiser-program.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import type { Runtime } from '../../src/runtime/types.js';
import type { TrainConfig } from '../../src/training/config.js';
import { divideImages } from '../../src/training/divide-images.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { train, type TrainingEvent, type TrainingRun } from '../../src/training/training-run.js';
import { ValidationLoss } from '../../src/training/validation-loss.js';
import type { Evaluate, WatchedWeights } from '../../src/training/watch.js';
import { imageAt, type TrainingImages } from '../../src/data/dataset.js';
import { noisyBatch, createBatchBuffers } from '../../src/training/training-batch.js';
import { Purpose, RandomStream } from '../../src/utils/random.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
const dataset = tinyDataset();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

const watchedConfig = (changes: Partial<TrainConfig> = {}): TrainConfig =>
  tinyConfig({ validation: 10, validateEvery: 2, evaluateEvery: 3, ...changes });

/** A stand-in for scoring networks, which other tests use: any function of the weights tells whether they are the same. */
const sumOfWeights = ({ ema }: WatchedWeights) => {
  const sum = ema.reduce((a, b) => a + b, 0);
  return Promise.resolve({ scores: { sum }, selection: { metric: 'sum', value: sum } });
};

async function trainIn(name: string, config: TrainConfig, more: Partial<TrainingRun> = {}): Promise<TrainingEvent[]> {
  const resumes = more.resume !== undefined;
  const folder = resumes ? RunFolder.resume(inFolder(name)) : RunFolder.create(inFolder(name), config);
  const events: TrainingEvent[] = [];
  const evaluate = config.evaluateEvery > 0 ? sumOfWeights : undefined;
  try {
    for await (const event of train({ config, dataset, runtime, store: folder, evaluate, ...more })) events.push(event);
  } finally {
    folder.close();
  }
  return events;
}

const newest = (name: string) => readCheckpointFile(join(inFolder(name), 'checkpoint.safetensors'));

test('watching changes no bit of the weights', async () => {
  await trainIn('unwatched', watchedConfig({ validateEvery: 0, evaluateEvery: 0 }));
  await trainIn('watched', watchedConfig({ tensorboard: true }));
  expect(newest('watched')?.state).toEqual(newest('unwatched')?.state);
});

test('images held out are not trained on: with others in their place, the weights are the same', async () => {
  const config = watchedConfig({ evaluateEvery: 0 });
  const { validation } = divideImages(dataset, config);
  const changed = { ...dataset, images: dataset.images.slice() };
  const held = new Uint8Array(64);
  for (let i = 0; i < (validation?.count ?? 0); i++) {
    const image = Buffer.from(imageAt(validation as TrainingImages, i, held));
    const at = Buffer.from(dataset.images).indexOf(image);
    expect(at % 64).toBe(0);
    changed.images.fill(0, at, at + 64);
  }
  await trainIn('whole', config);
  await trainIn('replaced', config, { dataset: changed });
  expect(newest('replaced')?.state).toEqual(newest('whole')?.state);
  const [whole, replaced] = ['whole', 'replaced'].map((name) => readWatched(join(inFolder(name), 'metrics.jsonl')));
  expect(replaced?.map(({ validationLoss }) => validationLoss)).not.toEqual(
    whole?.map(({ validationLoss }) => validationLoss),
  );
});

describe('the validation loss', () => {
  /** The network as it is sampled, and the mean absolute error written out; no gradient graph has a part in it. */
  async function expectedLoss(config: TrainConfig, parameters: Float32Array): Promise<number> {
    const { validation } = divideImages(dataset, config);
    const images = validation as TrainingImages;
    const model = modelFor(config, dataset);
    const rows = new RandomStream(config.seed, Purpose.validation).permutation(images.count);
    const filled = Uint32Array.from({ length: 32 }, (_, i) => rows[i % rows.length] as number);
    const schedule = createNoiseSchedule(config.schedule, config.timesteps, config);
    const random = new RandomStream(config.seed, Purpose.validation, 0);
    const batch = noisyBatch(images, filled, schedule, config, { random }, createBatchBuffers(32, 64));
    expect(batch.labels).toContain(NULL_LABEL);
    const program = await runtime.compile(buildDenoiser(model, parameters, 32, 'cpu'));
    const { prediction } = await program.run({
      x: { dtype: 'float32', shape: [32, 1, 8, 8], data: batch.noisyImages },
      t: { dtype: 'float32', shape: [32], data: batch.timesteps },
      label: { dtype: 'float32', shape: [32], data: Float32Array.from(batch.labels) },
    });
    await program.dispose();
    let sum = 0;
    for (let i = 0; i < rows.length * 64; i++)
      sum += Math.abs(Number(prediction?.data[i]) - (batch.target[i] as number));
    return sum / (rows.length * 64);
  }

  test('is the mean over the held-out images, without those that fill up a batch', async () => {
    const config = watchedConfig();
    const model = modelFor(config, dataset);
    const parameters = denoiserParameters(model).initialise(3);
    const loss = await ValidationLoss.create(
      runtime,
      config,
      model,
      divideImages(dataset, config).validation as TrainingImages,
    );
    const first = await loss.of(parameters);
    expect(first).toBeCloseTo(await expectedLoss(config, parameters), 5);
    expect(await loss.of(parameters)).toBe(first);
    await loss.dispose();
  });

  test('is in the metrics every so many steps, after the line of its step', async () => {
    await trainIn('lines', watchedConfig({ evaluateEvery: 0, logEvery: 5, validateEvery: 4 }));
    const path = join(inFolder('lines'), 'metrics.jsonl');
    expect(readWatched(path).map(({ step }) => step)).toEqual([4, 8, 12]);
    // Every 5 steps, at checkpoints and where weights were watched.
    expect(readMetrics(path).map(({ step }) => step)).toEqual([4, 5, 8, 10, 12]);
  });
});

describe('the best weights', () => {
  test('are those of the lowest score, with what they were chosen by', async () => {
    const seen: { step: number; ema: Float32Array; value: number }[] = [];
    const values = [5, 2, 7, 3];
    const evaluate: Evaluate = ({ step, ema }) => {
      const value = values[seen.length] as number;
      seen.push({ step, ema: ema.slice(), value });
      return Promise.resolve({ scores: { distance: value }, selection: { metric: 'distance', value } });
    };
    const events = await trainIn('best', watchedConfig(), { evaluate });
    const best = readCheckpointFile(bestWeightsFile(inFolder('best')));
    expect(best?.step).toBe(6);
    expect(best?.selection).toEqual({ metric: 'distance', value: 2 });
    expect(best?.state.ema).toEqual(seen[1]?.ema);
    expect(events.flatMap((event) => (event.type === 'watched' && event.best ? [event.step] : []))).toEqual([3, 6]);
  });

  test('are chosen by the validation loss in a run without evaluations', async () => {
    await trainIn('by-loss', watchedConfig({ evaluateEvery: 0 }));
    const watched = readWatched(join(inFolder('by-loss'), 'metrics.jsonl'));
    const lowest = watched.reduce((a, b) => ((b.validationLoss as number) < (a.validationLoss as number) ? b : a));
    const best = readCheckpointFile(bestWeightsFile(inFolder('by-loss')));
    expect(best?.step).toBe(lowest.step);
    expect(best?.selection).toEqual({ metric: 'validationLoss', value: lowest.validationLoss });
  });
});

test('stopped during an evaluation and resumed: the lines and best weights of an undisturbed run', async () => {
  await trainIn('steady', watchedConfig());
  for (const stopAt of [3, 6, 12]) {
    const name = `stopped-${stopAt}`;
    const controller = new AbortController();
    const evaluate: Evaluate = (weights) => {
      if (weights.step < stopAt) return sumOfWeights(weights);
      controller.abort();
      return Promise.resolve(undefined);
    };
    await trainIn(name, watchedConfig(), { evaluate, signal: controller.signal });
    const before = newest(name);
    expect(before?.step).toBe(stopAt);
    await trainIn(name, watchedConfig(), { resume: before });
    const [lines, expected] = [name, 'steady'].map((each) => readWatched(join(inFolder(each), 'metrics.jsonl')));
    expect(lines).toEqual(expected);
    const [best, steady] = [name, 'steady'].map((each) => readCheckpointFile(bestWeightsFile(inFolder(each))));
    expect(best).toEqual(steady);
  }
});

test('the split is in the configuration and the checkpoint, and cannot change in a resumed run', async () => {
  const config = watchedConfig({ evaluateEvery: 0, classBalance: true });
  await trainIn('recorded', config);
  const checkpoint = newest('recorded');
  expect(checkpoint?.config).toMatchObject({ validation: 10, classBalance: true });
  expect(checkpoint?.data.validation).toEqual({ count: 10, source: '10 held-out images of tiny images' });
  const other = { ...config, validation: 11 };
  await expect(trainIn('recorded', other, { resume: checkpoint })).rejects.toThrow(
    /"validation" is 10 in this run and cannot become 11/,
  );
});

describe('refused are', () => {
  test('evaluations without anything that scores', async () => {
    await expect(trainIn('nothing', watchedConfig(), { evaluate: undefined })).rejects.toThrow(
      /nothing to evaluate with/,
    );
  });

  test('validation images of another size', async () => {
    const run = trainIn('size', tinyConfig(), { validation: tinyDataset(2, 16) });
    await expect(run).rejects.toThrow(/validation images of 16x16 pixels in 1 channel; those to train on are of 8x8/);
  });
});
