import { openModel } from '../model-cache.js';
import type { Task } from './task.js';

/** Loads a model and tells what it is and where it computes. */
export const open: Task<'open'> = async (setup, { report }) => {
  const { pipeline, note } = await openModel(setup, report);
  const { runtime } = pipeline;
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
