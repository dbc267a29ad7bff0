import { toModelRange } from '../utils/pixel-range.js';
import { addNoise } from '../diffusion/forward-process.js';
import { timestepsWithin } from '../diffusion/image-to-image.js';
import { imagesOf } from './batches.js';
import { changedSampling } from './changed-sampling.js';
import { checkImages } from './check-images.js';
import { refuseDistilled } from './distilled.js';
import { pixelsOf, type DrawableModel } from './drawable-model.js';
import type { SamplerChoice, WithSampler } from '../diffusion/samplers/sampler-choice.js';
import type { EditOptions } from './sample-options.js';
import { createPlan, type SamplingPlan } from './sampling-plan.js';
import { number, bytes, numbers, options, signature } from '../utils/arguments.js';
import { drawable } from '../utils/argument-shapes.js';

/** How far images are noised unless asked otherwise, as a share of T. */
const STRENGTH = 0.6;

const planEditArguments = signature('planEdit', {
  model: drawable,
  options: options({ labels: numbers, images: bytes, strength: number.optional() }),
});

/**
 * Plans to draw images again from a noised version of themselves: the more `strength`, the freer (SDEdit, Meng et al. 2022). What
 * the options leave open is as `changedSampling` says.
 *
 * @throws ConfigError for images of another size, a strength that leaves no timestep, a distilled model, and as `planSampling`
 */
export function planEdit<const Choice extends SamplerChoice = SamplerChoice>(
  model: DrawableModel,
  options: EditOptions & WithSampler<Choice>,
): SamplingPlan {
  planEditArguments({ model, options });
  const { labels, images, strength = STRENGTH, ...others }: EditOptions = options;
  const { schedule, model: kind } = model;
  checkImages(images, labels.length, kind);
  refuseDistilled(model, 'begin from images');
  const resolved = changedSampling(model, others);
  const timesteps = timestepsWithin(schedule, resolved.timesteps, strength);
  const first = timesteps[0] as number;
  return createPlan(model, labels, { ...resolved, timesteps }, ({ span, noise }) => {
    const x0 = toModelRange(imagesOf(images, span, pixelsOf(kind)));
    return { x: addNoise(schedule, x0, [first], noise.next(), x0.length) };
  });
}
