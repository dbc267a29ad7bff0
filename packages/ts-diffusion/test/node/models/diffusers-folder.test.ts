import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reverseProcess } from '../../../src/diffusion/reverse-process.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { denoiserParameters } from '../../../src/models/denoiser-network.js';
import { readDiffusersFolder } from '../../../src/node/models/diffusers-folder.js';
import { loadModel } from '../../../src/node/models/load-model.js';
import { createNodeRuntime } from '../../../src/node/runtime/node.js';
import { DiffusionPipeline } from '../../../src/pipeline/diffusion-pipeline.js';
import { encodeModel } from '../../../src/pipeline/export-model.js';
import { planSampling } from '../../../src/pipeline/plan-sampling.js';
import type { Runtime } from '../../../src/runtime/types.js';
import { deterministicParameters, deterministicTensor } from '../../golden/deterministic-weights.js';
import { readUNet2DGolden, unet2dOf, type UNet2DCase } from '../../golden/unet2d.js';

interface Chain {
  readonly case: string;
  readonly scheduler: Readonly<Record<string, unknown>>;
  readonly steps: number | null;
  readonly eta: number;
  /** As diffusers counts them. */
  readonly timesteps: readonly number[];
  readonly alphasCumprod: readonly number[];
  readonly images: readonly number[];
}

/** Written by bench/golden/unet2d_chains.py. */
const { chains, labels } = JSON.parse(
  readFileSync(new URL('../../golden/unet2d-chains.json', import.meta.url), 'utf8'),
) as { readonly chains: Readonly<Record<string, Chain>>; readonly labels: readonly number[] };
const golden = readUNet2DGolden();
const caseOf = (name: string): UNet2DCase => golden.outputs[name] as UNet2DCase;

let runtime: Runtime;
let folder: string;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu' });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diffusers-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A network of diffusers with deterministic weights in files, under the names that `rename` gives them. */
function writeNetwork(at: string, name: string, rename = (parameter: string): string => parameter): void {
  mkdirSync(at, { recursive: true });
  const { config } = caseOf(name);
  const weights = deterministicParameters(denoiserParameters(unet2dOf(caseOf(name))).specs);
  const tensors = new Map([...weights].map(([parameter, tensor]) => [rename(parameter), tensor]));
  writeFileSync(join(at, 'config.json'), JSON.stringify(config));
  writeFileSync(join(at, 'diffusion_pytorch_model.safetensors'), encodeSafetensors(tensors));
}

function writePipeline(name: string, scheduler: object): void {
  writeFileSync(join(folder, 'model_index.json'), '{}');
  writeNetwork(join(folder, 'unet'), name);
  mkdirSync(join(folder, 'scheduler'));
  writeFileSync(join(folder, 'scheduler', 'scheduler_config.json'), JSON.stringify(scheduler));
}

const oldName = (name: string): string =>
  name
    .replace('.to_q.', '.query.')
    .replace('.to_k.', '.key.')
    .replace('.to_v.', '.value.')
    .replace('.to_out.0.', '.proj_attn.');

describe('a folder of diffusers', () => {
  it.each(Object.entries(chains))('samples the images that diffusers does for the same noise: %s', async (_, chain) => {
    writePipeline(chain.case, chain.scheduler);
    const model = readDiffusersFolder(folder);
    const { schedule } = model;
    const stride = Math.max(1, Math.floor(schedule.timesteps / 20));
    const kept = schedule.alphasCumprod.filter((_value, i) => i % stride === 0);
    expect(kept).toBeCloseToTensor(chain.alphasCumprod, { rtol: 2e-4, atol: 1e-7 });

    const pipeline = new DiffusionPipeline(runtime, model);
    const isDdim = model.sampling?.sampler === 'ddim';
    const plan = planSampling(pipeline, {
      labels: model.model.classes > 1 ? labels : labels.map(() => 0),
      samplingSteps: chain.steps ?? 0,
      ...(isDdim && { eta: chain.eta }),
    });
    const { sampler, own, timesteps, clipX0 } = plan.sampling;
    expect(timesteps.map((t) => t - 1)).toEqual(chain.timesteps);
    const { imageChannels, imageSize } = model.model;
    const shape = [labels.length, imageChannels, imageSize, imageSize] as const;
    const count = shape.reduce((product, size) => product * size, 1);
    let drawn = 0;
    const next = (): Float32Array => deterministicTensor(`unet2d.chain.${drawn++}`, count, Math.sqrt(3));
    const start = { x: { shape, data: next() }, labels: plan.labels, noise: { next } };
    let images: Float32Array = new Float32Array();
    for await (const { x } of reverseProcess(sampler, plan.denoiser, schedule, start, { timesteps, clipX0, ...own })) {
      images = x;
    }
    await pipeline.dispose();
    expect(images).toBeCloseToTensor(chain.images, { atol: 2e-4 });
  });

  it('is read from the root too, with the attention names of older versions, and without a scheduler as DDPM', () => {
    writeNetwork(folder, 'asymmetric', oldName);
    const { parameters, schedule, prediction, sampling, model } = readDiffusersFolder(folder);
    const layout = denoiserParameters(model);
    expect(parameters).toEqual(layout.fromNamedTensors(deterministicParameters(layout.specs)));
    expect([schedule.name, schedule.timesteps, prediction]).toEqual(['linear', 1000, 'epsilon']);
    expect(sampling).toMatchObject({ sampler: 'ddpm', clipX0: true, samplingSteps: 0 });
  });

  it.each(Object.keys(chains))('is the same after it was written as model.safetensors and read again: %s', (name) => {
    const chain = chains[name] as Chain;
    writePipeline(chain.case, chain.scheduler);
    const model = readDiffusersFolder(folder, { nullClass: chain.case === 'classes' });
    writeFileSync(join(folder, 'model.safetensors'), encodeModel(model));
    expect(loadModel(folder).model).toEqual(model);
  });

  it('guides, and draws without a class, only where a class stands for none', () => {
    writeNetwork(folder, 'classes');
    const plan = (nullClass: boolean, options: object): unknown =>
      planSampling(new DiffusionPipeline(runtime, readDiffusersFolder(folder, { nullClass })), {
        labels: [0],
        ...options,
      });
    expect(() => plan(false, { guidanceWeight: 1 })).toThrow('has not learnt images without a class');
    expect(() => plan(false, { labels: [-1] })).toThrow('label is -1; expected 0..3');
    expect(() => plan(true, { labels: [3] })).toThrow('label is 3; expected 0..2');
    expect(() => plan(true, { labels: [-1] })).not.toThrow();
    expect(() => plan(true, { guidanceWeight: 1 })).not.toThrow();
  });

  it.each([
    [{ act_fn: 'mish' }, '"act_fn" is "mish", which is not supported'],
    [{ down_block_types: ['DownBlock2D', 'SkipDownBlock2D'] }, '"down_block_types"[1] is "SkipDownBlock2D"'],
    [{ class_embed_type: 'identity' }, '"class_embed_type" is "identity"'],
    [{ out_channels: 6 }, '"out_channels" is 6'],
    [{ mid_block_type: null }, '"mid_block_type" is null'],
    [{ sample_size: [8, 16] }, '"sample_size" is [8,16]; expected a square'],
    [{ sample_size: null }, '"sample_size" is null; expected a number. Give --image-size'],
    [{ class_embed_type: 'timestep' }, '"num_class_embeds" is null; expected the number of classes. Give --classes'],
    [{ encoder_hid_dim: 5 }, '"encoder_hid_dim" is 5, a field that is not known here'],
    [{ time_embedding_type: 'fourier' }, '"time_embedding_type" is "fourier"'],
    [{ norm_num_groups: 3 }, '8 channels cannot be normalised in 3 groups'],
  ])('is refused with one sentence that names field and value: %j', (change, message) => {
    writeNetwork(folder, 'defaults');
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ ...caseOf('defaults').config, ...change }));
    expect(() => readDiffusersFolder(folder)).toThrow(message);
    expect(() => readDiffusersFolder(folder)).toThrow('config.json');
  });

  it.each([
    [{ _class_name: 'EulerDiscreteScheduler' }, '"_class_name" is "EulerDiscreteScheduler"'],
    [{ beta_schedule: 'laplace' }, '"beta_schedule" is "laplace"'],
    [{ variance_type: 'learned_range' }, '"variance_type" is "learned_range"'],
    [{ clip_sample_range: 2 }, '"clip_sample_range" is 2; expected 1'],
    [{ steps_offset: 1 }, '"steps_offset" is 1; expected 0'],
    [{ set_alpha_to_one: false }, '"set_alpha_to_one" is false'],
    [{ trained_betas: [0.1, 0.2] }, '"num_train_timesteps" is 1000; expected 2'],
    [{ thresholding: true, sample_max_value: 3 }, '"sample_max_value" is 3; expected 1'],
  ])('has a scheduler that is refused with field and value: %j', (change, message) => {
    writePipeline('defaults', { _class_name: 'DDPMScheduler', ...change });
    expect(() => readDiffusersFolder(folder)).toThrow(message);
    expect(() => readDiffusersFolder(folder)).toThrow('scheduler_config.json');
  });

  it.each([
    ['DPMSolverMultistepScheduler', 'algorithm_type', 'sde-dpmsolver++', '"dpmsolver++"'],
    ['DPMSolverMultistepScheduler', 'solver_order', 3, '2'],
    ['DPMSolverMultistepScheduler', 'solver_type', 'heun', '"midpoint"'],
    ['DPMSolverMultistepScheduler', 'use_karras_sigmas', true, 'false'],
    ['DPMSolverMultistepScheduler', 'final_sigmas_type', 'sigma_min', '"zero"'],
    ['UniPCMultistepScheduler', 'predict_x0', false, 'true'],
    ['UniPCMultistepScheduler', 'solver_type', 'bh1', '"bh2"'],
    ['UniPCMultistepScheduler', 'disable_corrector', [0], '[]'],
    ['UniPCMultistepScheduler', 'use_beta_sigmas', true, 'false'],
  ])('refuses an algorithm that it would not sample by: %s with %s', (scheduler, field, value, expected) => {
    writePipeline('defaults', { _class_name: scheduler, [field]: value });
    expect(() => readDiffusersFolder(folder)).toThrow(
      `scheduler_config.json: "${field}" is ${JSON.stringify(value)}; expected ${expected}`,
    );
    rmSync(join(folder, 'scheduler'), { recursive: true });
    writePipeline('defaults', { _class_name: scheduler, [field]: null, thresholding: true });
    expect(readDiffusersFolder(folder).sampling).toMatchObject({ clipX0: true, samplingSteps: 25 });
  });

  it.each([
    [{ num_train_timesteps: 3, trained_betas: [0.1, -0.2, 0.2] }, 'got -0.2 at timestep 2'],
    [{ num_train_timesteps: 1, rescale_betas_zero_snr: true }, 'at least 2 timesteps'],
    [
      { num_train_timesteps: 300_000_000_000, beta_schedule: 'squaredcos_cap_v2' },
      '"num_train_timesteps" is 300000000000',
    ],
  ])('names the file whose betas make no schedule: %j', (change, message) => {
    writePipeline('defaults', { _class_name: 'DDIMScheduler', ...change });
    expect(() => readDiffusersFolder(folder)).toThrow(message);
    expect(() => readDiffusersFolder(folder)).toThrow('scheduler_config.json');
  });

  it('says what is missing', () => {
    expect(() => readDiffusersFolder(folder)).toThrow('not a model of diffusers');
    writeNetwork(folder, 'defaults');
    const weights = join(folder, 'diffusion_pytorch_model.safetensors');
    rmSync(weights);
    writeFileSync(join(folder, 'diffusion_pytorch_model.bin'), '');
    expect(() => readDiffusersFolder(folder)).toThrow('pickle');
    writeNetwork(folder, 'defaults', (name) => name.replace('conv_in', 'conv_out2'));
    expect(() => readDiffusersFolder(folder)).toThrow('parameter conv_in.weight [8,3,3,3] is missing');
    writeFileSync(weights, '');
    expect(() => readDiffusersFolder(folder)).toThrow(weights);
  });
});
