import type { PipelineState } from 'ts-diffusion';
import { toBytes } from 'ts-diffusion/images';
import type { Frame } from '../tasks.js';

/** A state as it is shown. */
export function frameOf({ step, steps, timestep, x, predictedX0 }: PipelineState): Frame {
  return { step, steps, timestep, x: toBytes(x), predictedX0: toBytes(predictedX0) };
}
