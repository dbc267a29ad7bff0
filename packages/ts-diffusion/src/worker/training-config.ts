import { decodeCheckpoint, type Checkpoint } from '../training/checkpoint-format.js';
import { continuedTrainConfig, resolveTrainConfig } from '../training/resolve-config.js';
import type { TrainConfig } from '../training/config.js';
import { trainConfigFor } from '../training/train-config-for.js';
import type { ImagesToLearn } from '../training/images-preset.js';
import type { Train } from './messages.js';

/**
 * The configuration of a training, and the checkpoint it goes on from.
 *
 * @param images those to train on, where they are known; a new training by the preset `images` needs them
 * @throws ConfigError for a value that is not allowed, CheckpointError for a checkpoint that is damaged
 */
export function trainingConfig(
  { preset, config, checkpoint }: Pick<Train, 'preset' | 'config' | 'checkpoint'>,
  images: ImagesToLearn | undefined,
): {
  readonly config: TrainConfig;
  readonly resume: Checkpoint | undefined;
} {
  if (checkpoint === undefined) {
    const resolved = images ? trainConfigFor(images, preset, config) : resolveTrainConfig(preset, config);
    return { config: resolved, resume: undefined };
  }
  const resume = decodeCheckpoint(checkpoint, 'the checkpoint');
  return { config: continuedTrainConfig(resume.config, config), resume };
}
