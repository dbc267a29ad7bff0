import { readFileSync } from 'node:fs';
import { createNoiseSchedule, type NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import type { ModelSampling } from '../../src/diffusion/sampling-schema.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import { deterministicParameters } from './deterministic-weights.js';
import { readUNet2DGolden, unet2dOf, type UNet2DCase } from './unet2d.js';

/** What diffusers made of a folder that `exportDiffusers` wrote. Timesteps are counted as diffusers does. */
export interface ExportCase {
  /** SHA-256 of the files, by their paths in the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of the Python program of the model card. */
  readonly program: string;
  readonly timesteps: readonly number[];
  readonly labels: readonly number[] | null;
  /** Of the network for `unet2d.export.x` at `timesteps`. */
  readonly output: readonly number[];
  readonly alphasCumprod: readonly number[];
  /** The timesteps of the chain, and what the Python program of the model card draws for the noise `unet2d.export.chain.i`. */
  readonly visited: readonly number[];
  readonly chainLabels: readonly number[] | null;
  readonly images: readonly number[];
}

/** test/golden/unet2d-export.json, written by bench/golden/unet2d_export.py. */
export function readExportGolden(): { readonly cases: Readonly<Record<string, ExportCase>> } {
  const text = readFileSync(new URL('unet2d-export.json', import.meta.url), 'utf8');
  return JSON.parse(text) as { readonly cases: Readonly<Record<string, ExportCase>> };
}

const networks = readUNet2DGolden().outputs;

function modelOf(
  network: string,
  schedule: NoiseSchedule,
  others: Omit<PipelineModel, 'model' | 'parameters' | 'schedule'>,
  nullClass = false,
): PipelineModel {
  const model = unet2dOf(networks[network] as UNet2DCase, nullClass);
  const layout = denoiserParameters(model);
  const parameters = layout.fromNamedTensors(deterministicParameters(layout.specs));
  return { model, parameters, schedule, ...others };
}

const sampling = (fields: Partial<ModelSampling>): ModelSampling => ({
  sampler: 'ddpm',
  samplingSteps: 0,
  spacing: 'even',
  guidanceWeight: 0,
  ...fields,
});

/** Models with deterministic weights, by name, that differ in what the folder has to say. */
export const exportedModels: Readonly<Record<string, PipelineModel>> = {
  'ddpm, linear by name': modelOf('asymmetric', createNoiseSchedule('linear', 25), {
    prediction: 'epsilon',
    sampling: sampling({ variance: 'beta', clipX0: true }),
  }),
  'ddpm, cosine to 0.9999, some steps': modelOf('defaults', createNoiseSchedule('cosine', 20), {
    prediction: 'v',
    samplingSteps: 7,
    guidanceWeight: 0,
  }),
  'ddpm, guided classes, zero terminal SNR': modelOf(
    'classes',
    createNoiseSchedule('linear', 12, { zeroTerminalSnr: true }),
    { prediction: 'v', guidanceWeight: 0.5, samplingSteps: 0, classNames: ['cat', 'a "dog"', 'Vögel'] },
    true,
  ),
  'ddim, rescaled, from the clipped image': modelOf(
    'defaults',
    createNoiseSchedule('linear', 40, { rescaleBetas: true }),
    { prediction: 'x0', sampling: sampling({ sampler: 'ddim', samplingSteps: 8, spacing: 'trailing', clipX0: true }) },
  ),
  'ddim, sigmoid with zero terminal SNR, classes': modelOf(
    'timestep_classes',
    createNoiseSchedule('sigmoid', 16, { zeroTerminalSnr: true }),
    {
      prediction: 'x0',
      seenClasses: [1, 4, 9],
      sampling: sampling({ sampler: 'ddim', samplingSteps: 8, spacing: 'trailing', eta: 0.5 }),
    },
  ),
};
