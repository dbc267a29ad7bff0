import { denoiserFrom } from '../diffusion/denoiser.js';
import { reverseProcess } from '../diffusion/reverse-process.js';
import { dpmSolver } from '../diffusion/samplers/dpm-solver.js';
import { NoiseSource } from '../diffusion/noise-source.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import { spacedTimesteps } from '../diffusion/timestep-spacing.js';
import { Purpose, RandomStream } from '../utils/random.js';
import type { Teacher } from './teacher.js';

/** Steps of the teacher's solver, which draws what it would with many more. */
const STEPS = 10;

/** Noise and what the teacher makes of it without adding more noise. */
export interface TeacherSamples {
  /** x_T [N, C, H, W]. */
  readonly noise: Float32Array;
  /** x_0 [N, C, H, W]. */
  readonly images: Float32Array;
  /** [N]. */
  readonly labels: Int32Array;
  /** ω of each image [N]. */
  readonly guidanceWeights: Float32Array;
}

/** What decides the teacher's samples. */
export interface TeacherSamplesOptions {
  readonly seed: number;
  readonly count: number;
  /** Images drawn at a time; divides `count`. */
  readonly batchSize: number;
  /** [C, H, W]. */
  readonly shape: readonly [number, number, number];
  readonly largestGuidanceWeight: number;
  readonly labels: readonly number[];
}

/**
 * Draws images with the teacher by a deterministic solver (DPM-Solver++ 2M), of random labels and guidance weights: a function of the
 * seed. Yields how many are drawn.
 *
 * @param signal ends the drawing once it is aborted
 * @returns all of them; undefined where the signal was aborted
 */
export async function* drawTeacherSamples(
  teacher: Teacher,
  schedule: NoiseSchedule,
  { seed, count, batchSize, shape, largestGuidanceWeight, labels: classes }: TeacherSamplesOptions,
  signal?: AbortSignal,
): AsyncGenerator<number, TeacherSamples | undefined, void> {
  const pixels = shape[0] * shape[1] * shape[2];
  const random = new RandomStream(seed, Purpose.teacherSamples);
  const labels = new Int32Array(count);
  const guidanceWeights = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = classes[random.integer(classes.length)] as number;
    guidanceWeights[i] = drawGuidanceWeight(random, largestGuidanceWeight);
  }
  const noise = new Float32Array(count * pixels);
  const images = new Float32Array(count * pixels);
  const timesteps = spacedTimesteps(schedule, STEPS, 'trailing');
  for (let first = 0; first < count; first += batchSize) {
    if (signal?.aborted === true) return undefined;
    const source = new NoiseSource(seed, first, batchSize, pixels);
    const ofBatch = {
      labels: labels.subarray(first, first + batchSize),
      guidanceWeights: guidanceWeights.subarray(first, first + batchSize),
    };
    const denoiser = denoiserFrom(({ data }, at) => teacher.predict({ images: data, timesteps: at, ...ofBatch }));
    const x = { shape: [batchSize, ...shape] as const, data: source.next() };
    noise.set(x.data, first * pixels);
    const start = { x, labels: ofBatch.labels, noise: source };
    for await (const state of reverseProcess(dpmSolver, denoiser, schedule, start, { timesteps })) {
      if (state.step === state.steps) images.set(state.x, first * pixels);
    }
    yield first + batchSize;
  }
  return { noise, images, labels, guidanceWeights };
}

/** ω in 0..largest with a density that falls as 1/√ω: small weights are drawn from most. */
export function drawGuidanceWeight(random: RandomStream, largest: number): number {
  return largest * random.uniform() ** 2;
}
