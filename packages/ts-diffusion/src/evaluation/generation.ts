import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { SamplingOptions } from '../diffusion/sampling-schema.js';
import type { ToneCurve } from '../diffusion/tone-curve.js';
import { ownOptions } from '../diffusion/samplers/own-options.js';
import type { DiffusionPipeline } from '../pipeline/diffusion-pipeline.js';
import { drawnSampling } from '../pipeline/plan-sampling.js';
import type { ResolvedSampling } from '../pipeline/resolve-sampling.js';
import { weightsHash } from '../pipeline/weights-hash.js';
import { sha256Hex } from '#platform/sha256.js';
import type { Generation } from './receipt.js';
import { record, signature } from '../utils/arguments.js';
import { drawable } from '../utils/argument-shapes.js';

const generationOfArguments = signature('generationOf', { pipeline: drawable, options: record });

/** How images come about that a pipeline draws with these options, for their receipt: enough to draw them again. */
export function generationOf(pipeline: DiffusionPipeline, options: SamplingOptions): Generation {
  generationOfArguments({ pipeline, options });
  const { schedule, prediction, toneCurve, origin, trainedOn, classNames } = pipeline;
  const sampling = drawnSampling(pipeline, options);
  return {
    weights: weightsHash(pipeline),
    ...origin,
    prediction,
    schedule: describeSchedule(schedule),
    timesteps: schedule.timesteps,
    sampler: sampling.sampler.name,
    samplingSteps: sampling.timesteps.length,
    options: furtherOptions(sampling),
    omega: sampling.guidanceWeight,
    seed: sampling.seed,
    ...(toneCurve !== undefined && !sampling.rawLevels && { toneCurve: hashOfCurve(toneCurve) }),
    ...(trainedOn !== undefined && { trainedOn }),
    ...(classNames !== undefined && { classNames: [...classNames] }),
  };
}

/** SHA-256 of the levels, channel after channel. */
function hashOfCurve(curve: ToneCurve): string {
  return sha256Hex(Uint8Array.from(curve.flatMap((levels) => [...levels])));
}

function describeSchedule({ name, rescaleBetas, zeroTerminalSnr }: NoiseSchedule): string {
  const changes = [...(rescaleBetas ? ['betas rescaled'] : []), ...(zeroTerminalSnr ? ['zero terminal SNR'] : [])];
  return changes.length === 0 ? name : `${name} (${changes.join(', ')})`;
}

/** The spacing or the timesteps themselves, and every other option that is not at its default. */
function furtherOptions(sampling: ResolvedSampling): Generation['options'] {
  const { sampler, own, spacing, timesteps, clipX0, dynamicThreshold, guidanceRescale, guidanceInterval } = sampling;
  const { resampling, firstImage } = sampling;
  const defaults = ownOptions(sampler, {});
  const ofSampler = Object.entries(own).filter(([name, value]) => value !== defaults[name]);
  return {
    ...(spacing === null ? { timesteps: timesteps.join() } : { spacing }),
    ...(Object.fromEntries(ofSampler) as Generation['options']),
    ...(clipX0 && { clipX0 }),
    ...(dynamicThreshold !== undefined && { dynamicThreshold }),
    ...(guidanceRescale > 0 && { guidanceRescale }),
    ...(guidanceInterval !== undefined && { guidanceInterval: guidanceInterval.join() }),
    ...(resampling !== undefined && { resampling: `${resampling.times} times over ${resampling.jump} steps` }),
    ...(firstImage > 0 && { firstImage }),
  };
}
