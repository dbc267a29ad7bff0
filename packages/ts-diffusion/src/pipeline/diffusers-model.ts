import { parseDiffusersConfig, type DiffusersConfigOptions } from '../models/unet2d/diffusers-config.js';
import { currentParameterNames } from '../models/unet2d/parameter-names.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import type { NamedTensor } from '../nn/parameters.js';
import { CheckpointError, ConfigError } from '../utils/errors.js';
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
}

/**
 * The model of a diffusers pipeline, sampled as its scheduler says.
 *
 * @throws ConfigError for a configuration that cannot be had here, CheckpointError for weights of another network
 */
export function diffusersModel(
  { config, scheduler, tensors }: DiffusersParts,
  options: DiffusersConfigOptions = {},
): PipelineModel {
  const model = parseDiffusersConfig(config.content, config.path, options);
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
    return { model, parameters, schedule, prediction, sampling };
  } catch (error) {
    throw new CheckpointError(`${tensors.path}: does not fit ${config.path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
