import type { z } from 'zod';
import { resolveGuidanceWeight } from '../diffusion/guidance.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { Resampling } from '../diffusion/resampling.js';
import { checkDecreasing } from '../diffusion/samplers/checks.js';
import { samplers, type OptionValues, type Sampler } from '../diffusion/samplers/index.js';
import { ownOptions } from '../diffusion/samplers/own-options.js';
import { isSampler } from '../diffusion/samplers/sampler.js';
import {
  parseSampling,
  samplingSchema,
  unknownOption,
  type SamplingData,
  type SamplingOptions,
} from '../diffusion/sampling-schema.js';
import { spacedTimesteps, type TimestepSpacing } from '../diffusion/timestep-spacing.js';
import { ConfigError } from '../utils/errors.js';
import type { SamplingDefaults } from './pipeline-model.js';
import { like, record, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/** How images are drawn, nothing left open. */
export interface ResolvedSampling {
  readonly sampler: Sampler;
  /** The sampler's own options, all of them. */
  readonly own: OptionValues;
  /** The timesteps to visit, decreasing. */
  readonly timesteps: readonly number[];
  /** How they were spread; null where they were given one by one. */
  readonly spacing: TimestepSpacing | null;
  readonly guidanceWeight: number;
  readonly guidanceInterval: readonly [low: number, high: number] | undefined;
  readonly guidanceRescale: number;
  readonly clipX0: boolean;
  readonly dynamicThreshold: number | undefined;
  readonly resampling: Resampling | undefined;
  readonly rawLevels: boolean;
  readonly seed: number;
  readonly firstImage: number;
  readonly batchSize: number;
}

/** What a resolution needs to know of a model. */
export interface SampledModel extends SamplingDefaults {
  readonly schedule: NoiseSchedule;
}

const sampledModel = like('a model or a DiffusionPipeline', { schedule });
const resolveSamplingArguments = signature('resolveSampling', {
  model: sampledModel,
  options: record,
  defaults: record,
});

/**
 * The options, completed: what is not given is as `defaults` say, then as the model's training was configured, then as
 * `samplingSchema` says.
 *
 * @param options undefined counts as not given
 * @throws ConfigError for an unknown option, naming the nearest one, and for one out of range
 */
export function resolveSampling(
  model: SampledModel,
  options: SamplingOptions,
  defaults: SamplingData = {},
): ResolvedSampling {
  resolveSamplingArguments({ model, options, defaults });
  const { sampler: chosen, ...given } = onlyGiven(options);
  const custom = typeof chosen === 'object' ? chosen : undefined;
  if (custom !== undefined && !isSampler(custom)) {
    throw new ConfigError(
      'sampler is an object but not a sampler; make one with defineSampler, or give the name of one.',
    );
  }
  if (custom !== undefined) checkCustomOptions(custom, given);
  const isOwn = (name: string): boolean => custom !== undefined && Object.hasOwn(custom.options, name);
  const shared = Object.fromEntries(Object.entries(given).filter(([name]) => !isOwn(name)));
  const configured: SamplingData = {
    ...onlyGiven({ samplingSteps: model.samplingSteps, guidanceWeight: model.guidanceWeight }),
    ...onlyGiven(defaultsBeside(given, defaults)),
  };
  const parsed = parseSampling(samplingSchema, {
    ...configured,
    ...shared,
    ...(typeof chosen === 'string' && { sampler: chosen }),
  });
  const own =
    custom === undefined ? pick(parsed, ownNames) : pick(given, [...ownNames, ...Object.keys(custom.options)]);
  const sampler: Sampler = custom ?? samplers[parsed.sampler];
  // A guidance scale takes the place of a weight that nobody asked for.
  const { guidanceWeight } = given;
  const { guidanceScale, guidanceInterval, guidanceRescale, clipX0, dynamicThreshold, resampling, rawLevels } = parsed;
  const { seed, firstImage, batchSize } = parsed;
  return {
    sampler,
    own: ownOptions(sampler, own),
    ...visited(model.schedule, parsed),
    guidanceWeight: resolveGuidanceWeight({ guidanceWeight, guidanceScale }, parsed.guidanceWeight),
    ...{
      guidanceInterval,
      guidanceRescale,
      clipX0,
      dynamicThreshold,
      resampling,
      rawLevels,
      seed,
      firstImage,
      batchSize,
    },
  };
}

/** Defaults of a model less what the given options take the place of: x_0 is clipped or thresholded, never both. */
function defaultsBeside(given: SamplingData, defaults: SamplingData): SamplingData {
  const { clipX0, dynamicThreshold, ...others } = defaults;
  return {
    ...others,
    ...(given.dynamicThreshold === undefined && { clipX0 }),
    ...(given.clipX0 !== true && { dynamicThreshold }),
  };
}

/**
 * @throws ConfigError for an option that neither all samplers nor this one have, naming the nearest one, and for a sampler whose option
 *   has the name of one of all samplers
 */
function checkCustomOptions({ name, options }: Sampler, given: object): void {
  const ofAll = Object.keys(samplingSchema.shape).filter((field) => !ownNames.includes(field));
  const clash = ofAll.find((field) => Object.hasOwn(options, field));
  if (clash !== undefined) {
    throw new ConfigError(
      `The sampler ${name} calls an option of its own ${clash}, as one of every sampler is called; rename it.`,
    );
  }
  const known = [...ofAll, ...Object.keys(options)];
  // An option of a sampler of the library is refused by `ownOptions`, which says whose it is.
  const wrong = Object.keys(given).find((each) => !known.includes(each) && !ownNames.includes(each));
  if (wrong !== undefined) throw new ConfigError(unknownOption(wrong, known));
}

/** The names of options that single samplers own. */
const ownNames = Object.values<Sampler>(samplers).flatMap(({ options }) => Object.keys(options));

function visited(
  schedule: NoiseSchedule,
  { timesteps, samplingSteps, spacing }: z.output<typeof samplingSchema>,
): Pick<ResolvedSampling, 'timesteps' | 'spacing'> {
  if (timesteps === undefined) {
    const count = samplingSteps === 0 ? schedule.timesteps : samplingSteps;
    return { timesteps: spacedTimesteps(schedule, count, spacing), spacing };
  }
  checkDecreasing(timesteps, schedule.timesteps);
  return { timesteps, spacing: null };
}

/** The values that are not undefined. */
function onlyGiven<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

function pick(values: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}
