import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { buildDenoiser } from '../../src/models/denoiser-program.js';
import { readDiffusersFolder } from '../../src/node/models/diffusers-folder.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { diffusersSampling } from '../../src/pipeline/diffusers-sampling.js';
import { exportDiffusers } from '../../src/pipeline/export-diffusers.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import { drawnSampling, planSampling } from '../../src/pipeline/plan-sampling.js';
import type { Runtime } from '../../src/runtime/types.js';
import { deterministicTensor } from '../golden/deterministic-weights.js';
import { exportedModels, readExportGolden, type ExportCase } from '../golden/unet2d-export.js';
import { float } from '../models/golden-denoiser.js';
import { tinyModel } from './tiny-model.js';

const golden = readExportGolden().cases;
const cases = Object.entries(golden).map(
  ([name, each]) => [name, each, exportedModels[name] as PipelineModel] as [string, ExportCase, PipelineModel],
);
const SIGMOID = 'ddim, sigmoid with zero terminal SNR, classes';
const GUIDED = 'ddpm, guided classes, zero terminal SNR';
const modelOf = (name: string): PipelineModel => exportedModels[name] as PipelineModel;
const shapeOf = ({ model }: PipelineModel, count: number): [number, number, number, number] => [
  count,
  model.imageChannels,
  model.imageSize,
  model.imageSize,
];
const product = (shape: readonly number[]): number => shape.reduce((size, each) => size * each, 1);

let runtime: Runtime;
let folder: string;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu' });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-diffusers-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What the folder is read as that the model was exported to. */
function exported(model: PipelineModel, options: { half?: boolean } = {}): PipelineModel {
  for (const [name, bytes] of exportDiffusers(model, options).files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return readDiffusersFolder(folder);
}

const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;

describe('a folder of diffusers that is exported', () => {
  it('is tested with every model that diffusers has loaded', () => {
    expect(Object.keys(golden)).toEqual(Object.keys(exportedModels));
  });

  it.each(cases)('has the bytes that diffusers has loaded: %s', (_, { files }, model) => {
    const hashes = [...exportDiffusers(model).files].map(([name, bytes]) => [
      name,
      createHash('sha256').update(bytes).digest('hex'),
    ]);
    expect(Object.fromEntries(hashes)).toEqual(files);
  });

  it.each(cases)('predicts in diffusers what it does here within 1e-5: %s', async (_, each, model) => {
    const shape = shapeOf(model, each.timesteps.length);
    const batch = each.timesteps.length;
    const program = await runtime.compile(buildDenoiser(model.model, model.parameters, batch, 'cpu'));
    const { prediction } = await program.run({
      x: float(shape, deterministicTensor('unet2d.export.x', product(shape), 1)),
      t: float(
        [batch],
        Float32Array.from(each.timesteps, (t) => t + 1),
      ),
      label: float([batch], Float32Array.from(each.labels ?? each.timesteps.map(() => 0))),
    });
    await program.dispose();
    expect(prediction?.data).toBeCloseToTensor(each.output, { atol: 1e-5 });
  });

  it.each(cases)(
    "is drawn from by its card's Python program as it is here, for the same noise: %s",
    async (_, each, model) => {
      const { schedule } = model;
      expect([...schedule.alphasCumprod]).toBeCloseToTensor(each.alphasCumprod, { rtol: 2e-4, atol: 1e-6 });
      const pipeline = new DiffusionPipeline(runtime, model);
      const shape = shapeOf(model, each.images.length / product(shapeOf(model, 1)));
      const plan = planSampling(pipeline, { labels: each.chainLabels ?? Array<number>(shape[0]).fill(0) });
      const { sampler, own, timesteps, clipX0 } = plan.sampling;
      expect(timesteps.map((t) => t - 1)).toEqual(each.visited);
      let drawn = 0;
      const next = (): Float32Array =>
        deterministicTensor(`unet2d.export.chain.${drawn++}`, product(shape), Math.sqrt(3));
      const start = { x: { shape, data: next() }, labels: plan.labels, noise: { next } };
      let images: Float32Array = new Float32Array();
      for await (const { x } of reverseProcess(sampler, plan.denoiser, schedule, start, {
        timesteps,
        clipX0,
        ...own,
      })) {
        images = x;
      }
      await pipeline.dispose();
      expect(images).toBeCloseToTensor(each.images, { atol: 2e-4 });
    },
  );

  it.each(cases)('is read again as the same model: %s', (_, __, model) => {
    const read = exported(model);
    expect([read.model, read.prediction]).toEqual([model.model, model.prediction]);
    expect(read.parameters).toEqual(model.parameters);
    expect([read.seenClasses, read.classNames]).toEqual([model.seenClasses, model.classNames]);
    expect(read.schedule.alphasCumprod).toBeCloseToTensor([...model.schedule.alphasCumprod], {
      rtol: 1e-9,
      atol: 1e-15,
    });
    expect(drawnSampling(read, {})).toEqual(drawnSampling(model, {}));
    // And exported once more, byte for byte but for betas that went through another rounding.
    expect(exportDiffusers(read).files.get('unet/config.json')).toEqual(
      exportDiffusers(model).files.get('unet/config.json'),
    );
  });

  it('names the plain linear schedule and lists the betas of others, the largest of the cosine schedule 0.9999', () => {
    exported(modelOf('ddpm, linear by name'));
    expect(json('scheduler/scheduler_config.json')).toMatchObject({
      ...{ beta_schedule: 'linear', beta_start: 1e-4, beta_end: 0.02, trained_betas: null },
      ...{ rescale_betas_zero_snr: false, clip_sample: true, variance_type: 'fixed_large' },
    });
    const cosine = modelOf('ddpm, cosine to 0.9999, some steps');
    exported(cosine);
    const { trained_betas: betas, variance_type: variance } = json('scheduler/scheduler_config.json');
    expect([(betas as number[]).length, (betas as number[]).at(-1), variance]).toEqual([20, 0.9999, 'fixed_small']);
    exported(modelOf(SIGMOID));
    const zero = json('scheduler/scheduler_config.json');
    expect([(zero['trained_betas'] as number[]).at(-1), zero['rescale_betas_zero_snr']]).toEqual([1, true]);
  });

  it('has weights in float16 with half, which are read as the nearest float32', () => {
    const model = modelOf('ddpm, linear by name');
    const { parameters } = exported(model, { half: true });
    expect(parameters).not.toEqual(model.parameters);
    expect(parameters).toBeCloseToTensor([...model.parameters], { rtol: 2 ** -11, atol: 2 ** -25 });
    const large = { ...model, parameters: model.parameters.slice().fill(70_000, 3, 4) };
    expect(() => exportDiffusers(large, { half: true })).toThrow('A weight is 70000, which is infinite in float16');
  });

  it('is refused for a model that predicts the flow, with what is not', () => {
    expect(() => exportDiffusers({ ...modelOf(GUIDED), prediction: 'flow' })).toThrow(
      /^This model predicts the flow, and .* Export it as denoiser\.onnx and model\.safetensors \(--format onnx\)\.$/,
    );
  });

  it('is refused for a network that a UNet2DModel cannot hold, with what can', () => {
    expect(() => exportDiffusers(tinyModel())).toThrow(
      'The network of this model is paper-unet, which a UNet2DModel of diffusers cannot hold. ' +
        'Export it as denoiser.onnx and model.safetensors (--format onnx), or train a unet2d (--model unet2d).',
    );
  });

  it('has its last class taken for a class where that is asked for, and damage noticed', () => {
    const model = modelOf(GUIDED);
    expect(exported(model).model).toMatchObject({ classes: 3, nullClass: true });
    expect(() => readDiffusersFolder(folder, { nullClass: false })).toThrow('its metadata name 3 classes of 4');
    const weights = join(folder, 'unet/diffusion_pytorch_model.safetensors');
    const bytes = readFileSync(weights);
    bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
    writeFileSync(weights, bytes);
    expect(() => readDiffusersFolder(folder)).toThrow('checksum');
  });
});

describe('the sampling of diffusers', () => {
  const model = modelOf('ddim, rescaled, from the clipped image');
  const own = { sampler: 'ddpm', samplingSteps: 0, spacing: 'even', guidanceWeight: 0 } as const;
  it.each([
    [own, []],
    [{ ...own, samplingSteps: 7 }, []],
    [
      { ...own, sampler: 'heun', samplingSteps: 9 },
      ["Here its sampler is heun; the folder's DDPMScheduler takes all 40 timesteps."],
    ],
    [{ ...own, samplingSteps: 9, spacing: 'karras' }, ['Here its timesteps are spaced karras.']],
    [
      { ...own, sampler: 'ddim', samplingSteps: 9 },
      ['DDIMScheduler steps down by 4 timesteps, here to the next one visited.'],
    ],
    [{ ...own, sampler: 'ddim', samplingSteps: 9, spacing: 'leading' }, []],
    [{ ...own, dynamicThreshold: 0.99 }, ['Here its predicted images are thresholded dynamically.']],
  ] as const)('of %j differs as it says', (sampling, differences) => {
    expect(diffusersSampling({ ...model, sampling }).differences).toEqual(differences);
  });
});
