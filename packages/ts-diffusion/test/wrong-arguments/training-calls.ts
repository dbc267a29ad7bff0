import { z } from 'zod';
import * as diffusion from '../../src/entries/diffusion.js';
import * as main from '../../src/entries/main.js';
import * as train from '../../src/entries/train.js';
import { tinyTeacher } from '../distillation/tiny-teacher.js';
import { tinyCheckpoint, tinyModel, tinyUNet } from '../pipeline/tiny-model.js';
import {
  config,
  dataset,
  denoiser,
  floats,
  network,
  pipeline,
  pixels,
  runtime,
  schedule,
  type Call,
} from './fixtures.js';

const checkpoint = tinyCheckpoint();
const model = tinyModel();
const distillConfig = train.resolveDistillConfig({
  updates: 2,
  batchSize: 1,
  regressionUpdates: 1,
  regressionImages: 1,
});
const { signal } = new AbortController();
const store = {
  path: 'a test',
  hasCheckpoint: false,
  openMetrics: () => ({ append: () => undefined, flush: () => undefined, close: () => undefined }),
  writeCheckpoint: () => undefined,
};
const start = {
  x: { shape: [1, 1, 8, 8], data: floats(64) },
  labels: Int32Array.of(1),
  noise: new diffusion.NoiseSource(0, 0, 1, 64),
};
const ownSampler = {
  name: 'mine',
  title: 'Mine',
  order: 1,
  stochastic: false,
  options: { strength: z.number().default(1) },
  step: () => () => floats(64),
};

/** The first thing that a generator yields. */
async function first(events: AsyncGenerator<unknown, void>): Promise<unknown> {
  const { value }: { value: unknown } = await events.next();
  await events.return();
  return value;
}

/** Training, checkpoints, sampling in parts. */
export const trainingCalls: readonly Call[] = [
  {
    name: 'train',
    call: (run: train.TrainingRun) => first(train.train(run)),
    given: [{ config, dataset, runtime, store, signal }],
  },
  {
    name: 'trainReplicas',
    call: (run: train.ReplicatedRun) => first(train.trainReplicas(run)),
    given: [
      {
        ...{ dataset, runtime, store, signal },
        config: train.resolveTrainConfig('paper', { ...config, replicas: 2 }),
        runRound: () => Promise.resolve(undefined),
      },
    ],
  },
  {
    name: 'distill',
    call: (run: train.DistillRun) => first(train.distill(run)),
    given: [{ config: distillConfig, teacher: tinyTeacher(), runtime, store, signal }],
  },
  { name: 'resolveDistillConfig', call: train.resolveDistillConfig, given: [{ updates: 400 }] },
  { name: 'nextSync', call: train.nextSync, given: [{ steps: 7, syncEvery: 5 }, 5] },
  { name: 'decidingFields', call: train.decidingFields, given: [config] },
  { name: 'encodeCheckpoint', call: train.encodeCheckpoint, given: [checkpoint] },
  { name: 'decodeCheckpoint', call: train.decodeCheckpoint, given: [train.encodeCheckpoint(checkpoint), 'x'] },
  { name: 'configuredModel', call: main.configuredModel, given: [config, tinyUNet, model.parameters] },
  { name: 'samplingDefaults', call: main.samplingDefaults, given: [config, tinyUNet] },
  { name: 'pipelineModel', call: main.pipelineModel, given: [checkpoint, { ema: true }] },
  { name: 'continuedTrainConfig', call: train.continuedTrainConfig, given: [config, { steps: 3 }] },
  { name: 'parseConfig', call: train.parseConfig, given: [train.trainConfigSchema, {}, 'a test'] },
  { name: 'parseTrainConfigFile', call: train.parseTrainConfigFile, given: ['{"steps": 3}', 'x'] },
  { name: 'denoiserParameters', call: train.denoiserParameters, given: [tinyUNet] },
  { name: 'modelFor', call: train.modelFor, given: [config, dataset] },
  { name: 'learntClasses', call: train.learntClasses, given: [tinyUNet, dataset] },
  { name: 'isWatched', call: train.isWatched, given: [{}] },
  { name: 'needsToneCurve', call: train.needsToneCurve, given: [{ step: 1, config }] },
  { name: 'checkSameRun', call: train.checkSameRun, given: [{ config, step: 1 }, config] },
  { name: 'dueSteps', call: train.dueSteps, given: [{ sampleEvery: 2 }, 4] },
  { name: 'parseSampling', call: diffusion.parseSampling, given: [diffusion.samplingSchema, { seed: 1 }, 'a test'] },
  {
    name: 'exportModelFiles',
    call: main.exportModelFiles,
    given: [model, { half: true, origin: { step: 1, averaged: true } }],
  },
  { name: 'encodeModel', call: main.encodeModel, given: [model, { half: true, origin: { step: 1, averaged: true } }] },
  { name: 'continuedConfig', call: main.continuedConfig, given: [model] },
  { name: 'decodeModelFile', call: main.decodeModelFile, given: [main.exportModelFiles(model).safetensors, 'x'] },
  {
    name: 'reverseProcess',
    call: (...given: Parameters<typeof diffusion.reverseProcess>) => first(diffusion.reverseProcess(...given)),
    given: [
      diffusion.samplers.ddim,
      denoiser,
      schedule,
      start,
      { timesteps: [3, 1], clipX0: true, resampling: { times: 1, jump: 1 } },
    ],
  },
  { name: 'withKnownPixels', call: diffusion.withKnownPixels, given: [denoiser, floats(64), pixels] },
  { name: 'asEpsilon', call: diffusion.asEpsilon, given: [network, 'v', schedule] },
  { name: 'asX0', call: diffusion.asX0, given: [network, 'v', schedule] },
  { name: 'networkFrom', call: diffusion.networkFrom, given: [network] },
  { name: 'denoiserFrom', call: diffusion.denoiserFrom, given: [denoiser] },
  { name: 'defineSampler', call: diffusion.defineSampler, given: [ownSampler] },
  { name: 'resolveSampling', call: main.resolveSampling, given: [pipeline, { seed: 1 }, { samplingSteps: 2 }] },
  {
    name: 'RandomStream',
    call: (...given: [number, number, number]) => new diffusion.RandomStream(...given),
    given: [1, 2, 3],
  },
];
