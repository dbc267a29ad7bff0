import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { deterministicParameters } from './deterministic-weights.js';
import { readUNet2DGolden, unet2dOf, type UNet2DCase } from './unet2d.js';

/** The smallest network without classes of those that are compared with diffusers. */
export const smallestUNet2D = Object.values(readUNet2DGolden().outputs)
  .filter(({ labels }) => labels === null)
  .reduce((a, b): UNet2DCase => (b.parameters < a.parameters ? b : a));

/** It as the files of a pipeline of diffusers with T = 20, by their paths. */
export function diffusersFiles(): Readonly<Record<string, Uint8Array>> {
  const weights = deterministicParameters(denoiserParameters(unet2dOf(smallestUNet2D)).specs);
  return {
    'model_index.json': Buffer.from('{"_class_name": "DDPMPipeline"}'),
    'unet/config.json': Buffer.from(JSON.stringify(smallestUNet2D.config)),
    'unet/diffusion_pytorch_model.safetensors': encodeSafetensors(weights),
    'scheduler/scheduler_config.json': Buffer.from(
      '{"_class_name": "DDPMScheduler", "num_train_timesteps": 20, "beta_schedule": "linear", "clip_sample": true}',
    ),
    'README.md': Buffer.from('# a model'),
  };
}

/** Writes files to a folder, making the folders on the way. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}
