import { parseDiffusersConfig, type DiffusersConfigOptions } from '../models/unet2d/diffusers-config.js';
import { currentParameterNames } from '../models/unet2d/parameter-names.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import type { NamedTensor } from '../nn/parameters.js';
import { CheckpointError, ConfigError } from '../utils/errors.js';
import { readDiffusersMetadata, type DiffusersMetadata } from './diffusers-metadata.js';
import { parseDiffusersScheduler } from './diffusers-scheduler.js';
import type { PipelineModel } from './pipeline-model.js';

/** A part of a diffusers folder, and where it is from, for messages. */
export interface DiffusersPart<Content> {
  readonly path: string;
  readonly content: Content;
}

/** What makes a diffusers pipeline of a `UNet2DModel`. */
export interface DiffusersParts {
  /** `config.json` of the network. */
  readonly config: DiffusersPart<unknown>;
  /** `scheduler_config.json`. */
  readonly scheduler: DiffusersPart<unknown>;
  /** `diffusion_pytorch_model.safetensors`. */
  readonly tensors: DiffusersPart<ReadonlyMap<string, NamedTensor>>;
  /** Of the same file; absent: none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The model of a diffusers pipeline, sampled as its scheduler says. What `exportDiffusers` told of its classes and its
 * sampling counts where the options do not say otherwise.
 *
 * @throws ConfigError for a configuration that is not supported, CheckpointError for weights of another network
 */
export function diffusersModel(
  { config, scheduler, tensors, metadata = {} }: DiffusersParts,
  options: DiffusersConfigOptions = {},
): PipelineModel {
  const known = knownOf(metadata, tensors.path);
  const { nullClass = known.nullClass } = options;
  const model = parseDiffusersConfig(config.content, config.path, { ...options, nullClass });
  const { schedule, prediction, sampling } = parseDiffusersScheduler(scheduler.content, scheduler.path);
  if (model.timeEmbedding === 'fourier') {
    throw new ConfigError(
      `${config.path}: "time_embedding_type" is "fourier", which embeds the logarithm of a noise level; ` +
        'schedulers that count timesteps from 0 have none at 0. Import a model with "positional".',
    );
  }
  try {
    const layout = denoiserParameters(model);
    const parameters = layout.fromNamedTensors(currentParameterNames(tensors.content));
    return {
      model,
      parameters,
      schedule,
      prediction,
      sampling: called(sampling, known),
      ...fitting(known, model.classes),
    };
  } catch (error) {
    throw new CheckpointError(`${tensors.path}: does not fit ${config.path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function knownOf(metadata: Readonly<Record<string, string>>, path: string): DiffusersMetadata {
  try {
    return readDiffusersMetadata(metadata);
  } catch (error) {
    throw new CheckpointError(`${path}: ${(error as Error).message}.`, { cause: error });
  }
}

/** Names and numbers of classes, where they are those of the network. @throws Error where they are not */
function fitting(
  { seenClasses, classNames }: DiffusersMetadata,
  classes: number,
): Pick<PipelineModel, 'seenClasses' | 'classNames'> {
  const beyond = seenClasses?.find((label) => label >= classes);
  if (beyond !== undefined) throw new RangeError(`its metadata name class ${beyond} of ${classes} classes`);
  if (classNames !== undefined && classNames.length !== classes) {
    throw new RangeError(`its metadata name ${classNames.length} classes of ${classes}`);
  }
  return { ...(seenClasses && { seenClasses }), ...(classNames && { classNames }) };
}

/** The sampling of a scheduler with what is said in each call. */
function called(
  sampling: ModelSampling,
  { guidanceWeight, samplingSteps, eta, noiseFrom }: DiffusersMetadata,
): ModelSampling {
  return {
    ...sampling,
    ...(guidanceWeight !== undefined && { guidanceWeight }),
    ...(samplingSteps !== undefined && { samplingSteps }),
    ...(sampling.sampler === 'ddim' && eta !== undefined && { eta }),
    ...(sampling.sampler === 'ddim' && noiseFrom !== undefined && { noiseFrom }),
  };
}
