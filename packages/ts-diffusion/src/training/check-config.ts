import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import { ConfigError } from '../utils/errors.js';
import { parseConfig } from '../utils/parse-config.js';
import { type TrainConfig, trainConfigSchema } from './config.js';
import { withReplicaDefaults } from './replica-config.js';
import { lowestSize, unet2dFor } from './unet2d-for-data.js';

/**
 * Checks the fields one by one and against each other: what would fail only after hours of training fails now.
 *
 * @param origin what the value is or where it comes from, for errors of single fields
 * @throws ConfigError
 */
export function parseTrainConfig(value: unknown, origin = 'training configuration'): TrainConfig {
  const config = withReplicaDefaults(parseConfig(trainConfigSchema, value, origin));
  if (config.samplingSteps > config.timesteps) {
    throw new ConfigError(
      `training configuration: "samplingSteps" is ${config.samplingSteps}, but there are only ${config.timesteps} ` +
        'timesteps to visit. Lower it, or set it to 0 for all of them.',
    );
  }
  if (config.guidanceWeight > 0 && (config.labelDropout === 0 || config.labelDropout === 1)) {
    throw new ConfigError(
      `training configuration: "guidanceWeight" is ${config.guidanceWeight}, but with "labelDropout" ${config.labelDropout} ` +
        `the network never learns to predict ${config.labelDropout === 0 ? 'without' : 'with'} a label. ` +
        'Set "guidanceWeight" to 0, or "labelDropout" between 0 and 1.',
    );
  }
  if (config.validation !== undefined && config.validation >= 1 && !Number.isInteger(config.validation)) {
    throw new ConfigError(
      `training configuration: "validation" is ${config.validation}; give a fraction below 1, or a whole number of images.`,
    );
  }
  const { alphasCumprod } = createNoiseSchedule(config.schedule, config.timesteps, config);
  if (alphasCumprod.at(-1) === 0 && config.prediction === 'epsilon') {
    const named = config.betas === undefined ? `"schedule" ${config.schedule}` : '"betas" that end with 1';
    const cause = config.zeroTerminalSnr ? '"zeroTerminalSnr"' : named;
    throw new ConfigError(
      `training configuration: with ${cause}, x_T is pure noise, and predicting that noise gives no information about the ` +
        'image. Set "prediction" to x0, v or flow.',
    );
  }
  checkTimestepSampling(config);
  if (config.model === 'modern-unet') checkModernUNet(config);
  else if (config.model === 'unet2d') checkUNet2DFields(config);
  else checkPaperUNet(config);
  return config;
}

/** @throws ConfigError where fields of the logit-normal distribution are set for another */
function checkTimestepSampling({ timestepSampling, logitMean, logitStd }: TrainConfig): void {
  if (timestepSampling === 'logit-normal' || (logitMean === 0 && logitStd === 1)) return;
  throw new ConfigError(
    `training configuration: "${logitMean === 0 ? 'logitStd' : 'logitMean'}" is set, but "timestepSampling" is ${timestepSampling}. ` +
      'Remove it, or set "timestepSampling" to logit-normal.',
  );
}

function checkUNet2DFields(config: TrainConfig): void {
  checkAttentionFields(config);
  try {
    denoiserParameters(unet2dFor(config, { imageSize: lowestSize(config), imageChannels: 3, classes: undefined }));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`training configuration: "unet2d": ${(error as Error).message}.`, { cause: error });
  }
}

function checkPaperUNet(config: TrainConfig): void {
  const { model, dropout } = config;
  if (dropout > 0) {
    throw new ConfigError(`training configuration: "dropout" is ${dropout}, but ${model} has no dropout. Set it to 0.`);
  }
  checkAttentionFields(config);
}

/** @throws ConfigError where fields of modern-unet's attention are set */
function checkAttentionFields({ model, attentionResolutions, attentionHeads }: TrainConfig): void {
  if (attentionResolutions !== undefined || attentionHeads !== 1) {
    const field = attentionResolutions === undefined ? 'attentionHeads' : 'attentionResolutions';
    const instead =
      model === 'unet2d' ? 'Remove it, and say it in "unet2d".' : 'Remove it, or set "model" to modern-unet.';
    throw new ConfigError(
      `training configuration: "${field}" is set, but ${model} has no ${model === 'unet2d' ? 'such field' : 'attention'}. ${instead}`,
    );
  }
}

function checkModernUNet(config: TrainConfig): void {
  const { channels, blocks, attention, attentionResolutions, attentionHeads } = config;
  if (blocks.length !== channels.length) {
    throw new ConfigError(
      `training configuration: "blocks" has ${blocks.length} numbers and "channels" ${channels.length}; ` +
        'give one number per level in both, the bottleneck last.',
    );
  }
  const odd = channels.find((each) => each % 8 !== 0);
  if (odd !== undefined) {
    throw new ConfigError(
      `training configuration: "channels" has ${odd}; modern-unet normalises in 8 groups and needs multiples of 8.`,
    );
  }
  if (attention === 'none' && attentionResolutions !== undefined) {
    throw new ConfigError(
      `training configuration: "attention" is none, but "attentionResolutions" is ${attentionResolutions.join(',')}. Remove one of them.`,
    );
  }
  if (attention === 'none' && attentionHeads !== 1) {
    throw new ConfigError(
      `training configuration: "attention" is none, but "attentionHeads" is ${attentionHeads}. Remove one of them.`,
    );
  }
}
