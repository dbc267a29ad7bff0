import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { denoiserParameters, type DenoiserConfig } from '../../src/models/denoiser-network.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import { encodeCheckpoint, type Checkpoint } from '../../src/training/checkpoint-format.js';

/** A U-Net small enough for a test: 8x8 images, ten classes, untrained weights. */
export const tinyUNet: DenoiserConfig = {
  architecture: 'paper-unet',
  imageSize: 8,
  channels: [4, 8, 16],
  classes: 10,
  imageChannels: 1,
  timeEmbedding: 32,
};
export const TINY_TIMESTEPS = 10;

export function tinyModel(seed = 1): PipelineModel {
  return {
    model: tinyUNet,
    parameters: denoiserParameters(tinyUNet).initialise(seed),
    schedule: createNoiseSchedule('linear', TINY_TIMESTEPS),
  };
}

/** A checkpoint whose averaged weights are those of seed 1, and whose last weights are those of seed 2. */
export function tinyCheckpoint(): Checkpoint {
  const { parameters: ema } = tinyModel(1);
  const { parameters } = tinyModel(2);
  const zeros = new Float32Array(ema.length);
  return {
    step: 7,
    config: resolveTrainConfig('paper', {
      channels: [...tinyUNet.channels],
      timesteps: TINY_TIMESTEPS,
      guidanceWeight: 0.4,
    }),
    model: tinyUNet,
    data: { source: 'none: untrained weights', sha256: '0'.repeat(64) },
    state: { parameters, ema, firstMoment: zeros, secondMoment: zeros },
  };
}

/** Makes a run folder with the tiny checkpoint. @returns the checkpoint file */
export function writeTinyRun(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'checkpoint.safetensors');
  writeFileSync(path, encodeCheckpoint(tinyCheckpoint()));
  return path;
}
