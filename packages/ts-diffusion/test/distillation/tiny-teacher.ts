import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import type { ModernUNetConfig } from '../../src/models/modern-unet.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';

/** A network of an update that takes milliseconds: 8x8 images. */
export const tinyTeacherNetwork: ModernUNetConfig = {
  architecture: 'modern-unet',
  imageSize: 8,
  imageChannels: 1,
  channels: [8, 16],
  blocks: [1, 1],
  attention: 'none',
  classes: 10,
  patchSize: 2,
  timeEmbedding: 8,
};

/** A model of weights that were never trained, none of which is zero. */
export function tinyTeacher(seed = 1): PipelineModel {
  const parameters = denoiserParameters(tinyTeacherNetwork)
    .initialise(seed)
    .map((value, i) => value + 0.02 * Math.sin(i));
  return {
    model: tinyTeacherNetwork,
    parameters,
    schedule: createNoiseSchedule('cosine', 12),
    prediction: 'x0',
    guidanceWeight: 0.5,
  };
}
