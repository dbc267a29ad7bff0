import { pipelineFor } from '../model-cache.js';
import { chooseRuntime } from '../runtime.js';
import type { Task } from './task.js';

/** Loads a model and tells what it is and where it computes. */
export const open: Task<'open'> = async (setup, { report }) => {
  const pipeline = await pipelineFor(setup, report);
  const { runtime, note } = await chooseRuntime(setup.device);
  return {
    device: runtime.device === 'webgpu' ? 'webgpu' : 'wasm',
    threads: runtime.threads,
    ...(note === undefined ? {} : { note }),
    parameters: pipeline.parameters.length,
    classes: pipeline.model.classes,
    imageSize: pipeline.model.imageSize,
    timesteps: pipeline.schedule.timesteps,
    schedule: pipeline.schedule.name,
    prediction: pipeline.prediction,
  };
};
