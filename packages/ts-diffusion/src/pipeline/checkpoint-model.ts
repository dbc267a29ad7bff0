import type { TrainConfig } from '../training/config.js';
import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Checkpoint } from '../training/checkpoint-format.js';
import type { PipelineModel, SamplingDefaults } from './pipeline-model.js';
import { flag, floats, options, signature } from '../utils/arguments.js';
import { checkpoint, trainConfig } from '../utils/training-shapes.js';
import { network } from '../utils/argument-shapes.js';

/** Which of a checkpoint's weights. */
export interface WeightsChoice {
  /** The averaged weights (default), or with `false` those of the last training step. */
  readonly ema?: boolean;
}

const pipelineModelArguments = signature('pipelineModel', { checkpoint, choice: options({ ema: flag.optional() }) });

/** What sampling needs of a checkpoint: the network, its weights, the schedule and how it is sampled. */
export function pipelineModel(checkpoint: Checkpoint, choice: WeightsChoice = {}): PipelineModel {
  pipelineModelArguments({ checkpoint, choice });
  const { ema = true } = choice;
  const { config, model, state, data, toneCurve } = checkpoint;
  const { seenClasses, classNames, sha256: trainedOn } = data;
  const weights = ema ? state.ema : state.parameters;
  return {
    ...configuredModel(config, model, weights),
    ...{ seenClasses, classNames, trainedOn },
    ...(ema && toneCurve !== undefined && { toneCurve }),
  };
}

const configuredModelArguments = signature('configuredModel', {
  config: trainConfig,
  model: network,
  parameters: floats,
});

/** A network with weights as its training configuration says that it is sampled. */
export function configuredModel(config: TrainConfig, model: DenoiserConfig, parameters: Float32Array): PipelineModel {
  configuredModelArguments({ config, model, parameters });
  return {
    model,
    parameters,
    schedule: createNoiseSchedule(config.schedule, config.timesteps, config),
    prediction: config.prediction,
    ...samplingDefaults(config, model),
  };
}

const samplingDefaultsArguments = signature('samplingDefaults', { config: trainConfig, model: network });

/** Default sampling by a training configuration. */
export function samplingDefaults(config: TrainConfig, model: DenoiserConfig): SamplingDefaults {
  samplingDefaultsArguments({ config, model });
  const { sampler, spacing, samplingSteps } = config;
  // Images without classes leave nothing to be guided to: the second evaluation of each step would be for nothing.
  const guidanceWeight = model.classes === 1 ? 0 : config.guidanceWeight;
  if (sampler === 'ddpm' && spacing === 'even') return { samplingSteps, guidanceWeight };
  // So many steps belong to this sampler: another one takes all timesteps.
  return { guidanceWeight, sampling: { sampler, samplingSteps, spacing, guidanceWeight } };
}
