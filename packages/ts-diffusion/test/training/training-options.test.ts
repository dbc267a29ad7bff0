import { beforeAll, describe, expect, it, test } from 'vitest';
import type { TrainConfig } from '../../src/training/config.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import type { InitialWeights } from '../../src/training/initial-weights.js';
import type { TrainState } from '../../src/training/optimizer-session.js';
import { train } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
const dataset = tinyDataset();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

/** A run of three steps of a modern U-Net, every option with another value than the one that switches it off. */
const tinyModern = (changes: Partial<TrainConfig> = {}): TrainConfig =>
  tinyConfig({
    model: 'modern-unet',
    channels: [8, 8],
    blocks: [1, 1],
    patchSize: 2,
    timesteps: 1001,
    prediction: 'x0',
    loss: 'huber',
    lossWeighting: 'min-snr',
    dropout: 0.1,
    weightDecay: 0.1,
    gradientClip: 0.01,
    learningRateDecay: 'none',
    steps: 3,
    warmupSteps: 1,
    ...changes,
  });

/** What `initialWeights` would be read from; its path decides nothing here. */
const initialWeights = (config: TrainConfig): InitialWeights | undefined => {
  if (config.initialWeights === undefined) return undefined;
  const model = modelFor(config, dataset);
  return { model, parameters: denoiserParameters(model).initialise(99), prediction: config.prediction };
};

async function trainIn(name: string, config: TrainConfig, stopAt = config.steps): Promise<TrainState> {
  const resumed = stopAt === config.steps && name.startsWith('resumed');
  const folder = resumed ? RunFolder.resume(inFolder(name)) : RunFolder.create(inFolder(name), config);
  const controller = new AbortController();
  try {
    const resume = resumed ? folder.readCheckpoint() : undefined;
    const beginning = resume === undefined ? { initialWeights: initialWeights(config) } : { resume };
    for await (const event of train({
      config,
      dataset,
      runtime,
      store: folder,
      signal: controller.signal,
      ...beginning,
    })) {
      if (event.type === 'step' && event.step === stopAt) controller.abort();
    }
    return folder.readCheckpoint().state;
  } finally {
    folder.close();
  }
}

/** The fields that do not decide what is trained. */
type Elsewhere = 'steps' | 'device' | 'threads' | 'data' | 'offline' | 'maxMinutes';
/** The fields that decide what images pictures become: test/node/data/pictures.test.ts. */
type OfPictures = 'imageSize' | 'fit' | 'color' | 'background' | 'labelColumn' | 'skipBroken';
/** How it is drawn from: test/training/run-tone-curve.test.ts. */
type OfSampling = 'sampler' | 'samplingSteps' | 'spacing' | 'guidanceWeight' | 'toneCurve';
type Reporting = 'logEvery' | 'checkpointEvery' | 'sampleEvery' | 'samplesPerClass' | OfSampling;
/** The fields of what is watched, which changes no weights: test/training/watch.test.ts. */
type Watching = 'validateEvery' | 'evaluateEvery' | 'evaluateSamples' | 'tensorboard';

/** The fields of a training of replicas: test/training/replicated-training.test.ts. */
type OfReplicas = 'replicas' | 'syncEvery' | 'outerLearningRate' | 'outerMomentum';

/** Another value of each field that does; a new field does not compile until it is here. */
const changes: Record<
  Exclude<keyof TrainConfig, Elsewhere | OfPictures | Reporting | Watching | OfReplicas>,
  Partial<TrainConfig>
> = {
  model: { model: 'paper-unet', dropout: 0 },
  channels: { channels: [8, 16] },
  blocks: { blocks: [1, 2] },
  attention: { attention: 'none' },
  attentionResolutions: { attentionResolutions: [4, 2] },
  attentionHeads: { attentionHeads: 2 },
  patchSize: { patchSize: 1 },
  timesteps: { timesteps: 1000 },
  unet2d: { model: 'unet2d', unet2d: { layers_per_block: 1, resnet_time_scale_shift: 'scale_shift' } },
  schedule: { schedule: 'cosine' },
  betas: { betas: Array.from({ length: 1001 }, (_, i) => (i + 1) / 1e5) },
  rescaleBetas: { rescaleBetas: true },
  zeroTerminalSnr: { zeroTerminalSnr: true },
  prediction: { prediction: 'v' },
  timestepSampling: { timestepSampling: 'logit-normal' },
  logitMean: { timestepSampling: 'logit-normal', logitMean: 1 },
  logitStd: { timestepSampling: 'logit-normal', logitStd: 0.5 },
  loss: { loss: 'l2' },
  huberDelta: { huberDelta: 0.1 },
  lossWeighting: { lossWeighting: 'edm' },
  dropout: { dropout: 0.2 },
  labelDropout: { labelDropout: 0.9 },
  labelDropoutPer: { labelDropoutPer: 'batch' },
  batchSize: { batchSize: 5 },
  learningRate: { learningRate: 2e-3 },
  warmupSteps: { warmupSteps: 3 },
  learningRateDecay: { learningRateDecay: 'cosine' },
  optimizer: { optimizer: 'muon' },
  adamBeta1: { adamBeta1: 0.8 },
  adamBeta2: { adamBeta2: 0.9 },
  adamEpsilon: { adamEpsilon: 1e-3 },
  weightDecay: { weightDecay: 0.2 },
  gradientClip: { gradientClip: 0.02 },
  emaDecay: { emaDecay: 0.1 },
  initialWeights: { initialWeights: 'another model' },
  seed: { seed: 6 },
  flip: { flip: true },
  validation: { validation: 10 },
  classBalance: { classBalance: true },
};

describe('every option changes what is trained', () => {
  let base: TrainState | undefined;
  it.each(Object.entries(changes))('%s', async (name, change) => {
    base ??= await trainIn('base', tinyModern());
    expect(await trainIn(name, tinyModern(change))).not.toEqual(base);
  });
});

test('interrupted at any step and resumed: the bits of an uninterrupted run, with every option on', async () => {
  const switches = { flip: true, validation: 10, classBalance: true };
  const config = tinyModern({ ...switches, attentionResolutions: [4, 2], attentionHeads: 2 });
  const steady = await trainIn('steady', config);
  for (const stopAt of [1, 2]) {
    const interrupted = await trainIn(`resumed-${stopAt}`, config, stopAt);
    expect(interrupted).not.toEqual(steady);
    expect(await trainIn(`resumed-${stopAt}`, config)).toEqual(steady);
  }
});
