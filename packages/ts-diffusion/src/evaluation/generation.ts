import type { DiffusionPipeline } from '../pipeline/diffusion-pipeline.js';
import type { SamplingOptions } from '../pipeline/sample-options.js';
import { sha256Hex } from '#platform/sha256.js';
import type { Generation } from './receipt.js';

/** How images come about, for their receipt. */
export function generationOf(pipeline: DiffusionPipeline, options: SamplingOptions): Generation {
  const { parameters, schedule, prediction, origin } = pipeline;
  const { sampler = 'ddpm', seed = 0, samplingSteps, spacing = 'even' } = options;
  const { eta, variance, clipX0, dynamicThreshold, guidanceInterval, guidanceRescale } = options;
  const others = {
    eta,
    variance,
    clipX0,
    dynamicThreshold,
    guidanceRescale,
    guidanceInterval: guidanceInterval?.join(),
  };
  const given = Object.entries({ spacing, ...others }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    weights: sha256Hex(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)),
    ...origin,
    prediction,
    schedule: schedule.name + (schedule.rescaleBetas ? ' (betas rescaled)' : ''),
    timesteps: schedule.timesteps,
    sampler,
    samplingSteps: pipeline.samplingTimesteps(samplingSteps, spacing).length,
    options: Object.fromEntries(given),
    omega: pipeline.guidanceWeightOf(options),
    seed,
  };
}
