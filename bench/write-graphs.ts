import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveTrainConfig } from '../packages/ts-diffusion/src/training/resolve-config.js';
import { exportDenoiser } from '../packages/ts-diffusion/src/models/denoiser-program.js';
import { denoiserParameters } from '../packages/ts-diffusion/src/models/denoiser-network.js';
import { paperUNet } from '../packages/ts-diffusion/src/models/unet.js';
import { modelFor } from '../packages/ts-diffusion/src/training/model-for-data.js';
import { adamDefaults } from '../packages/ts-diffusion/src/training/optimizer.js';
import { buildOptimizerStep } from '../packages/ts-diffusion/src/training/optimizer-step.js';
import { denoisingObjective } from '../packages/ts-diffusion/src/training/denoising-objective.js';
import { digits } from './support/workload.js';

/** Writes the program's ONNX graphs for bench/check_onnx.py: `npx tsx bench/write-graphs.ts FOLDER`. */
const {
  positionals: [folder = 'output/graphs'],
} = parseArgs({ allowPositionals: true });
mkdirSync(folder, { recursive: true });
const patched = { ...paperUNet, channels: [64, 128], patchSize: 2 };
const modern = modelFor(resolveTrainConfig('modern'), digits);
const graphs: Record<string, Uint8Array> = {
  'denoiser.onnx': exportDenoiser(paperUNet, denoiserParameters(paperUNet).initialise(0)),
  'denoiser-patched.onnx': exportDenoiser(patched, denoiserParameters(patched).initialise(0)),
  'denoiser-modern.onnx': exportDenoiser(modern, denoiserParameters(modern).initialise(0)),
};
const objectives = {
  'train-step': denoisingObjective({ model: paperUNet, batchSize: 32, loss: 'l1' }),
  'train-step-modern': denoisingObjective({
    model: modern,
    batchSize: 64,
    loss: 'huber',
    weighted: true,
    hasDropout: true,
  }),
};
const everyOption = { ...adamDefaults, weightDecay: 0.01, gradientClip: 1 };
for (const target of ['cpu', 'webgpu'] as const) {
  for (const [name, objective] of Object.entries(objectives)) {
    const adam = name === 'train-step' ? adamDefaults : everyOption;
    graphs[`${name}-${target}.onnx`] = buildOptimizerStep(objective, { name: 'train_step', adam, target });
  }
}
for (const [name, model] of Object.entries(graphs)) writeFileSync(join(folder, name), model);
