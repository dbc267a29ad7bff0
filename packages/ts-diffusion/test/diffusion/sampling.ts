import type { Denoiser, ImageBatch } from '../../src/diffusion/denoiser.js';
import type { NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { NoiseSource } from '../../src/diffusion/noise-source.js';
import { reverseProcess, type SamplerOptions, type SamplerState } from '../../src/diffusion/reverse-process.js';
import type { Sampler } from '../../src/diffusion/samplers/index.js';

export interface SamplingRun {
  readonly sampler: Sampler;
  readonly denoiser: Denoiser;
  readonly schedule: NoiseSchedule;
  readonly seed?: number;
  readonly firstIndex?: number;
  readonly labels: readonly number[];
  readonly height: number;
  readonly width: number;
  readonly options?: SamplerOptions;
}

/** Samples one batch of single-channel images from the noise of (seed, index) and yields every state. */
export function sample(run: SamplingRun): AsyncGenerator<SamplerState, void, void> {
  const { sampler, denoiser, schedule, seed = 0, firstIndex = 0, labels, height, width, options } = run;
  const noise = new NoiseSource(seed, firstIndex, labels.length, height * width);
  const x: ImageBatch = { shape: [labels.length, 1, height, width], data: noise.next() };
  return reverseProcess(sampler, denoiser, schedule, { x, labels: Int32Array.from(labels), noise }, options);
}

/** The finished images of a run. */
export async function sampleImages(run: SamplingRun): Promise<Float32Array> {
  let images = new Float32Array();
  for await (const { x } of sample(run)) images = Float32Array.from(x);
  return images;
}

export async function allStates(states: AsyncIterable<SamplerState>): Promise<SamplerState[]> {
  const list: SamplerState[] = [];
  for await (const state of states) list.push(state);
  return list;
}

/** Mean and (population) variance. */
export function moments(values: Float32Array): { mean: number; variance: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}
