import { toModelRange } from '../utils/pixel-range.js';
import { invert } from '../diffusion/inversion.js';
import { unknownOption } from '../diffusion/sampling-schema.js';
import { ConfigError } from '../utils/errors.js';
import { imagesOf } from './batches.js';
import { checkImages } from './check-images.js';
import { pixelsOf, type DrawableModel } from './drawable-model.js';
import { resolveSampling } from './resolve-sampling.js';
import { LARGEST_BATCH } from '../diffusion/sampling-schema.js';
import type { EncodeOptions } from './sample-options.js';
import { createPlan, type SamplingPlan } from './sampling-plan.js';
import { count, bytes, numbers, options, signature } from '../utils/arguments.js';
import { drawable } from '../utils/argument-shapes.js';

/** How images are encoded unless asked otherwise. */
const encodingSampling = {
  sampler: 'ddim',
  spacing: 'log-snr',
  guidanceWeight: 0,
  batchSize: LARGEST_BATCH,
} as const;

const planEncodingArguments = signature('planEncoding', {
  model: drawable,
  options: options({ labels: numbers, images: bytes, iterations: count.optional() }),
});

/**
 * Plans to encode images as the noise that `ddim` draws them from (see `invert`), and to draw them again from it: the first state
 * of a run is the noise, the finished images are the reconstruction.
 *
 * @throws ConfigError for images of another size, a label that the model does not have, and as `planSampling`
 */
export function planEncoding(model: DrawableModel, options: EncodeOptions): SamplingPlan {
  planEncodingArguments({ model, options });
  const { images, labels, iterations, guidanceWeight, guidanceScale, samplingSteps, spacing, timesteps, ...unknown } =
    options;
  const given = { guidanceWeight, guidanceScale, samplingSteps, spacing, timesteps };
  const [wrong] = Object.keys(unknown);
  if (wrong !== undefined) throw new ConfigError(`Encoding: ${unknownOption(wrong, Object.keys(given))}`);
  const { schedule, model: kind } = model;
  checkImages(images, labels.length, kind);
  // Grey levels stay as drawn: a tone curve would hide how far the reconstruction is off.
  const sampling = { ...resolveSampling(model, given, encodingSampling), rawLevels: true };
  return createPlan(model, labels, sampling, async ({ span, labels: ofBatch, denoiser }) => {
    const shape = [span.count, kind.imageChannels, kind.imageSize, kind.imageSize] as const;
    const data = toModelRange(imagesOf(images, span, pixelsOf(kind)));
    return {
      x: await invert(denoiser, schedule, { shape, data }, ofBatch, { timesteps: sampling.timesteps, iterations }),
    };
  });
}
