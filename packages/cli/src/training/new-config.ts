import { existsSync } from 'node:fs';
import { closeImages, type TrainingImages } from 'ts-diffusion/data';
import { CheckpointError } from 'ts-diffusion/errors';
import {
  parseConfig,
  resolveTrainConfig,
  type TrainConfig,
  trainConfigFor,
  trainConfigSchema,
  type TrainPreset,
} from 'ts-diffusion/train';
import { pinnedData } from './pinned-data.js';
import { DEFAULT_PRESET, FOR_IMAGES } from './presets.js';
import { openTrainingImages } from './training-images.js';

/** A configuration from its preset, a file and options, which go before one another in the opposite order. */
export interface GivenConfig {
  /** Default: `DEFAULT_PRESET`. The library refuses one that is none. */
  readonly preset?: string | undefined;
  readonly file: object;
  readonly options: object;
}

/** A configuration that says everything, and the images where they had to be opened for that. */
export interface NewConfig {
  readonly config: TrainConfig;
  readonly images?: TrainingImages;
  /** What the model of `initialWeights` adds. */
  readonly begun: Partial<TrainConfig>;
}

/**
 * Completes the configuration of a new training: data of the Hub become those of one commit, an imported model brings its own network,
 * and the preset `images` looks at the images.
 *
 * @returns undefined when the signal was aborted meanwhile
 * @throws ConfigError, DataError
 */
export async function newConfig(
  { preset = DEFAULT_PRESET, file, options }: GivenConfig,
  signal: AbortSignal,
): Promise<NewConfig | undefined> {
  const pinned = await pinnedData({ ...file, ...options }, signal);
  if (pinned === undefined) return undefined;
  const given = { ...options, ...pinned };
  const { initialWeights } = { ...file, ...given } as Partial<TrainConfig>;
  const begun = initialWeights === undefined ? {} : await ofImport(initialWeights);
  if (preset !== FOR_IMAGES) return { config: resolveTrainConfig(preset as TrainPreset, begun, file, given), begun };
  const fields = parseConfig(trainConfigSchema, { ...file, ...given }, 'training configuration');
  const images = await openTrainingImages(fields, signal);
  if (images === undefined) return undefined;
  try {
    return { config: trainConfigFor(images, FOR_IMAGES, begun, file, given), images, begun };
  } catch (error) {
    closeImages(images);
    throw error;
  }
}

/** What an imported model says of its network, schedule and prediction; nothing of other weights, which `runTraining` looks for. */
async function ofImport(path: string): Promise<Partial<TrainConfig>> {
  if (!existsSync(path)) return {};
  const { loadModel } = await import('ts-diffusion/node');
  const { continuedConfig } = await import('ts-diffusion');
  try {
    return continuedConfig(loadModel(path).model);
  } catch (error) {
    // Weights that cannot be read are refused where they are read for the training, with the name of the field.
    if (error instanceof CheckpointError) return {};
    throw error;
  }
}
