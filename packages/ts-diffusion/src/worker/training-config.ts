import { decodeCheckpoint, type Checkpoint } from '../training/checkpoint-format.js';
import { resolveTrainConfig, type TrainConfig } from '../training/config.js';
import type { Train } from './messages.js';

/**
 * The configuration of a training, and the checkpoint it goes on from.
 *
 * @throws ConfigError for a value that is not allowed, CheckpointError for a checkpoint that is damaged
 */
export function trainingConfig({ preset, config, checkpoint }: Pick<Train, 'preset' | 'config' | 'checkpoint'>): {
  readonly config: TrainConfig;
  readonly resume: Checkpoint | undefined;
} {
  if (checkpoint === undefined) return { config: resolveTrainConfig(preset, config), resume: undefined };
  const resume = decodeCheckpoint(checkpoint, 'the checkpoint');
  return { config: resolveTrainConfig('paper', resume.config, config), resume };
}
