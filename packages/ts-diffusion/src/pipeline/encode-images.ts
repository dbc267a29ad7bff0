import { toModelRange } from '../utils/pixel-range.js';
import { invert } from '../diffusion/inversion.js';
import { samplers } from '../diffusion/samplers/index.js';
import { toBytes } from '../utils/pixel-range.js';
import { imagesOf, noNoise } from './batch-starts.js';
import { LARGEST_BATCH, splitEvenly } from './batches.js';
import type { DiffusionPipeline } from './diffusion-pipeline.js';
import { checkImages, checkLabels, type EncodedImages, type EncodeOptions } from './sample-options.js';

/** For `DiffusionPipeline.encode`: inversion, and DDIM from what it found, batch after batch. */
export async function encodeImages(pipeline: DiffusionPipeline, options: EncodeOptions): Promise<EncodedImages> {
  const { images, omega, guidanceScale, samplingSteps, spacing = 'log-snr', iterations } = options;
  const { imageChannels, imageSize } = pipeline.model;
  const labels = checkLabels(options.labels, pipeline);
  checkImages(images, labels.length, imageSize);
  const strength = guidanceScale === undefined ? { omega: omega ?? 0 } : { omega, guidanceScale };
  const denoiser = pipeline.guidedDenoiser(strength);
  const timesteps = options.timesteps ?? pipeline.samplingTimesteps(samplingSteps, spacing);

  const pixels = imageSize ** 2;
  const noise = new Float32Array(images.length);
  const reconstruction = new Uint8Array(images.length);
  const errors = new Float64Array(labels.length);
  for (const span of splitEvenly(labels.length, LARGEST_BATCH)) {
    const { first, count } = span;
    const ofBatch = labels.subarray(first, first + count);
    const x0 = toModelRange(imagesOf(images, span, imageSize));
    const shape = [count, imageChannels, imageSize, imageSize] as const;
    const encoded = await invert(denoiser, pipeline.schedule, { shape, data: x0 }, ofBatch, { timesteps, iterations });
    noise.set(encoded, first * pixels);

    const start = { x: { shape, data: encoded }, labels: ofBatch, noise: noNoise };
    for await (const { timestep, x } of samplers.ddim(denoiser, pipeline.schedule, start, { timesteps })) {
      if (timestep > 0) continue;
      reconstruction.set(toBytes(x), first * pixels);
      for (let i = 0; i < count; i++) {
        const squares = x
          .subarray(i * pixels, (i + 1) * pixels)
          .map((value, j) => (value - (x0[i * pixels + j] ?? 0)) ** 2);
        errors[first + i] = Math.sqrt(squares.reduce((a, b) => a + b) / pixels);
      }
    }
  }
  return { noise, reconstruction, errors };
}
