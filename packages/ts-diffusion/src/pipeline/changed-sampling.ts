import type { ModelSampling, SamplingData, SamplingOptions } from '../diffusion/sampling-schema.js';
import { addsNoise } from '../diffusion/samplers/sampler.js';
import { drawnSampling } from './plan-sampling.js';
import { resolveSampling, type ResolvedSampling, type SampledModel } from './resolve-sampling.js';

/** What takes the place of a sampler that adds no noise, in so many steps at least. */
const STOCHASTIC = { sampler: 'dpm-solver++-sde', samplingSteps: 20 } as const;

/**
 * How a model changes images (`planEdit`, `planInpainting`) with these options: as it draws them from noise (`drawnSampling`), but
 * unless a sampler is asked for by one that adds noise in each step. The image and what the model makes of it disagree at first;
 * fresh noise lets the later steps mend that, which a deterministic sampler keeps (measured by bench/changed-images.ts).
 *
 * @throws ConfigError as `planSampling`
 */
export function changedSampling(model: SampledModel, options: SamplingOptions): ResolvedSampling {
  const drawn = drawnSampling(model, options);
  const { sampling } = model;
  // Options of one sampler name it as well as its name does.
  const given: Readonly<Record<string, unknown>> = { ...options };
  const isNamed = ['sampler', ...Object.keys(drawn.sampler.options)].some((name) => given[name] !== undefined);
  if (isNamed || sampling === undefined || addsNoise(drawn.sampler, drawn.own)) return drawn;
  return resolveSampling(model, options, stochastic(sampling, model.schedule.timesteps));
}

/** The same without the sampler and its own options. */
function stochastic(
  {
    samplingSteps,
    spacing,
    guidanceWeight,
    guidanceInterval,
    guidanceRescale,
    clipX0,
    dynamicThreshold,
  }: ModelSampling,
  timesteps: number,
): SamplingData {
  const fewest = Math.min(STOCHASTIC.samplingSteps, timesteps);
  return {
    sampler: STOCHASTIC.sampler,
    samplingSteps: samplingSteps === 0 ? 0 : Math.max(samplingSteps, fewest),
    ...{ spacing, guidanceWeight, guidanceInterval, guidanceRescale, clipX0, dynamicThreshold },
  };
}
