import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import type { Checkpoint } from '../training/checkpoint-format.js';
import type { PipelineModel } from './diffusion-pipeline.js';

/** What sampling needs of a checkpoint: the network, its averaged (`ema`) or last weights, the schedule and its habits. */
export function pipelineModel({ config, model, state, data }: Checkpoint, ema: boolean): PipelineModel {
  return {
    model,
    parameters: ema ? state.ema : state.parameters,
    schedule: createNoiseSchedule(config.schedule, config.timesteps, config),
    prediction: config.prediction,
    samplingSteps: config.samplingSteps,
    guidanceWeight: config.guidanceWeight,
    ...(data.seenClasses && { seenClasses: data.seenClasses }),
  };
}
