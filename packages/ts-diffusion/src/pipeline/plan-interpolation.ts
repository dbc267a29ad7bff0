import { interpolationFractions, slerp, withMixedLabels } from '../diffusion/interpolation.js';
import { noiselessSamplers } from '../diffusion/samplers/own-options.js';
import { addsNoise } from '../diffusion/samplers/sampler.js';
import { ConfigError } from '../utils/errors.js';
import { checkLabels } from './check-images.js';
import { pixelsOf, type DrawableModel } from './drawable-model.js';
import { resolveSampling, type ResolvedSampling } from './resolve-sampling.js';
import type { SamplerChoice, WithSampler } from '../diffusion/samplers/sampler-choice.js';
import type { InterpolateOptions } from './sample-options.js';
import { createPlan, type SamplingPlan } from './sampling-plan.js';
import { number, options, signature } from '../utils/arguments.js';
import { drawable, end } from '../utils/argument-shapes.js';

/** How interpolations are drawn unless asked otherwise. */
export const interpolationSampling = { sampler: 'ddim', spacing: 'log-snr' } as const;

const planInterpolationArguments = signature('planInterpolation', {
  model: drawable,
  options: options({ from: end, to: end, frames: number }),
});

/**
 * Plans images between two: their noise turned into one another (`slerp`), and where their labels differ, the predictions for
 * both mixed. Each image has the label of the nearer end.
 *
 * @throws ConfigError for a sampler that adds noise, fewer than 2 frames, noise of another size, and as `planSampling`
 */
export function planInterpolation<const Choice extends SamplerChoice = SamplerChoice>(
  model: DrawableModel,
  options: InterpolateOptions & WithSampler<Choice>,
): SamplingPlan {
  planInterpolationArguments({ model, options });
  const { from, to, frames, ...others }: InterpolateOptions = options;
  const fractions = interpolationFractions(frames);
  const sampling = resolveSampling(model, others, interpolationSampling);
  checkNoiseless(sampling);
  const pixels = pixelsOf(model.model);
  for (const { noise } of [from, to]) {
    if (noise.length === pixels) continue;
    throw new ConfigError(
      `The noise at each end of this interpolation must have ${pixels} values, got ${noise.length}.`,
    );
  }
  const [toLabel = NaN] = checkLabels([to.label], model);
  const plan = createPlan(model, new Int32Array(frames).fill(from.label), sampling, ({ span, denoiser }) => {
    const within = fractions.slice(span.first, span.first + span.count);
    const x = new Float32Array(span.count * pixels);
    within.forEach((fraction, i) => {
      x.set(slerp(from.noise, to.noise, fraction), i * pixels);
    });
    return { x, denoiser: withMixedLabels(denoiser, new Int32Array(span.count).fill(toLabel), within) };
  });
  const shownLabels = Int32Array.from(fractions, (_, i) => (2 * i < frames - 1 ? from.label : to.label));
  return { ...plan, shownLabels };
}

function checkNoiseless({ sampler, own, resampling }: ResolvedSampling): void {
  if (!addsNoise(sampler, own) && resampling === undefined) return;
  const names = noiselessSamplers();
  throw new ConfigError(
    'This needs a deterministic sampler: ' +
      `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}, without resampling.`,
  );
}
