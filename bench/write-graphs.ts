import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportDenoiser } from '../src/models/denoiser-program.js';
import { denoiserParameters } from '../src/models/denoiser-network.js';
import { paperUNet } from '../src/models/unet.js';
import { adamDefaults } from '../src/training/optimizer.js';
import { buildOptimizerStep } from '../src/training/optimizer-step.js';
import { denoisingObjective } from '../src/training/train-step.js';

/** Writes the program's ONNX graphs for bench/check_onnx.py: `npx tsx bench/write-graphs.ts FOLDER`. */
const [folder = 'output/graphs'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const patched = { ...paperUNet, channels: [64, 128], patchSize: 2 };
const graphs: Record<string, Uint8Array> = {
  'denoiser.onnx': exportDenoiser(paperUNet, denoiserParameters(paperUNet).initialise(0)),
  'denoiser-patched.onnx': exportDenoiser(patched, denoiserParameters(patched).initialise(0)),
};
for (const target of ['cpu', 'webgpu'] as const) {
  const objective = denoisingObjective({ model: paperUNet, batchSize: 32, loss: 'l1' });
  graphs[`train-step-${target}.onnx`] = buildOptimizerStep(objective, {
    name: 'train_step',
    adam: adamDefaults,
    target,
  });
}
for (const [name, model] of Object.entries(graphs)) writeFileSync(join(folder, name), model);
