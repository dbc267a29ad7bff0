import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { loadModel } from '../../src/node/models/load-model.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { parseDiffusersConfig } from '../../src/models/unet2d/diffusers-config.js';
import { continuedConfig } from '../../src/pipeline/continued-config.js';
import { diffusersModel } from '../../src/pipeline/diffusers-model.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import type { Runtime } from '../../src/runtime/types.js';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { train } from '../../src/training/training-run.js';
import { temporaryFolder } from '../training/folders.js';
import { tinyConfig, tinyDataset } from '../training/tiny-run.js';

const inFolder = temporaryFolder();
const dataset = tinyDataset();
const gray = {
  sample_size: 8,
  in_channels: 1,
  out_channels: 1,
  block_out_channels: [8, 16],
  down_block_types: ['DownBlock2D', 'AttnDownBlock2D'],
  up_block_types: ['AttnUpBlock2D', 'UpBlock2D'],
  layers_per_block: 1,
  norm_num_groups: 4,
};

/** An import with random weights. */
function imported(changes: object, { nullClass = false, scheduler = {} } = {}): PipelineModel {
  const config = { path: 'config.json', content: { ...gray, ...changes } };
  const described = { _class_name: 'DDPMScheduler', num_train_timesteps: 10, ...scheduler };
  const parts = { config, scheduler: { path: 'scheduler_config.json', content: described } };
  const layout = denoiserParameters(parseDiffusersConfig(config.content, config.path, { nullClass }));
  const content = layout.toNamedTensors(layout.initialise(3));
  return diffusersModel({ ...parts, tensors: { path: 'weights', content } }, { nullClass });
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

describe('a training that begins with an import', () => {
  it.each([
    ['without classes', {}, false],
    ['with a class for none', { num_class_embeds: 11 }, true],
    ['with classes only', { num_class_embeds: 10 }, false],
    ['asymmetric', { downsample_padding: 0, freq_shift: 1, flip_sin_to_cos: false, attention_head_dim: null }, false],
    ['scale and shift', { resnet_time_scale_shift: 'scale_shift', upsample_type: 'resnet' }, false],
  ])('has its network, schedule and prediction, and learns: %s', async (name, changes, nullClass) => {
    const scheduler = { beta_schedule: 'squaredcos_cap_v2', prediction_type: 'v_prediction' };
    const model = imported(changes, { nullClass, scheduler });
    const path = inFolder('import');
    const layer = { ...continuedConfig(model), initialWeights: path, loss: 'l2' as const };
    const config = resolveTrainConfig('paper', {
      ...tinyConfig({ steps: 60, checkpointEvery: 60, batchSize: 8, learningRate: 1e-3 }),
      ...{ guidanceWeight: 0, learningRateDecay: 'none' },
      ...layer,
    });
    expect(modelFor(config, dataset)).toEqual(model.model);

    const folder = RunFolder.create(inFolder(name.replaceAll(' ', '-')), config);
    const losses: number[] = [];
    const run = { config, dataset, runtime, store: folder, initialWeights: model };
    for await (const event of train(run)) if (event.type === 'step') losses.push(event.loss);
    folder.close();
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-15))).toBeLessThan(0.9 * mean(losses.slice(0, 15)));

    const trained = loadModel(folder.path).model;
    expect(trained.model).toEqual(model.model);
    expect(trained.schedule).toEqual(model.schedule);
    expect(trained.prediction).toBe('v');
    expect(trained.seenClasses).toEqual('num_class_embeds' in changes ? Array.from({ length: 10 }, (_, i) => i) : [0]);
  });

  it('is refused where the classes of network and images differ, or the network has none for no class', () => {
    const config = (changes: object, others: object = {}) =>
      tinyConfig({ ...continuedConfig(imported(changes)), ...others });
    expect(() => modelFor(config({ num_class_embeds: 5 }), dataset)).toThrow(
      '"num_class_embeds" is 5, but the images have 10 classes; expected 11',
    );
    expect(() => modelFor(config({ num_class_embeds: 10 }, { labelDropout: 0.1 }), dataset)).toThrow(
      '"labelDropout" is 0.1, but this network has no class that stands for none. Set it to 0.',
    );
  });

  it('has nothing to take over from other networks, whose configuration names their network', () => {
    const model = imported({});
    const other = { ...model, model: modelFor(tinyConfig(), dataset) };
    expect(continuedConfig(other)).toEqual({});
  });
});

describe('a unet2d from scratch', () => {
  it('has attention at the lowest level and one class embedding more than the images have classes', () => {
    const model = modelFor(tinyConfig({ model: 'unet2d', channels: [8, 16], timesteps: 10 }), dataset);
    expect(model).toMatchObject({
      classes: 10,
      nullClass: true,
      downBlocks: ['residual', 'attention'],
      upBlocks: ['attention', 'residual'],
    });
    const weight = denoiserParameters(model).specs.find(({ name }) => name === 'class_embedding.weight');
    expect(weight?.shape).toEqual([11, 32]);
  });

  it.each([
    [{ act_fn: 'mish' }, '"unet2d": "act_fn" is "mish"'],
    [{ time_embedding_type: 'fourier' }, '"time_embedding_type" is "fourier"'],
    [{ norm_num_groups: 5 }, 'cannot be normalised in 5 groups'],
  ])('is refused with a field that it cannot have: %j', (unet2d, message) => {
    expect(() => tinyConfig({ model: 'unet2d', channels: [8, 16], unet2d })).toThrow(message);
  });
});
