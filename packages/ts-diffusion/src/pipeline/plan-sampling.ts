import type { DrawableModel } from './drawable-model.js';
import type { SamplingOptions } from '../diffusion/sampling-schema.js';
import type { SamplerChoice, WithSampler } from '../diffusion/samplers/sampler-choice.js';
import { resolveSampling, type ResolvedSampling, type SampledModel } from './resolve-sampling.js';
import type { SampleOptions } from './sample-options.js';
import { createPlan, type SamplingPlan } from './sampling-plan.js';
import { numbers, options, signature } from '../utils/arguments.js';
import { drawable } from '../utils/argument-shapes.js';

const planSamplingArguments = signature('planSampling', { model: drawable, options: options({ labels: numbers }) });

/**
 * Plans the drawing of images from noise. What the options leave open is the default sampling of the model (`SamplingDefaults`).
 *
 * @throws ConfigError for an unknown option, one out of range, or a label that the model does not have
 */
export function planSampling<const Choice extends SamplerChoice = SamplerChoice>(
  model: DrawableModel,
  options: SampleOptions & WithSampler<Choice>,
): SamplingPlan {
  planSamplingArguments({ model, options });
  const { labels, ...others }: SampleOptions = options;
  return createPlan(model, labels, drawnSampling(model, others), ({ noise }) => ({ x: noise.next() }));
}

/**
 * How a model draws images from noise with these options. The model's own way counts as a whole: with another sampler nothing of
 * it does.
 *
 * @throws ConfigError as `planSampling`
 */
export function drawnSampling(model: SampledModel, options: SamplingOptions): ResolvedSampling {
  const { sampling } = model;
  const { sampler } = options;
  const name = typeof sampler === 'object' ? sampler.name : sampler;
  const isItsOwn = name === undefined || name === sampling?.sampler;
  return resolveSampling(model, options, isItsOwn ? sampling : undefined);
}
