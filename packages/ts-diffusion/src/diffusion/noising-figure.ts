import { addNoise } from './forward-process.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { floats, numbers, listOf, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

/** One row of Figure 1: an image on its way to noise under one schedule. */
export interface NoisingRow {
  readonly schedule: NoiseSchedule['name'];
  readonly timesteps: readonly number[];
  /** x_t for each of `timesteps`, each [pixels] in model range with noise on top (so beyond [-1, 1]). */
  readonly images: readonly Float32Array[];
}

const noisingFigureArguments = signature('noisingFigure', {
  schedules: listOf(schedule, 'a list of noise schedules'),
  x0: floats,
  noise: floats,
  timesteps: numbers,
});

/**
 * Figure 1: one image noised to each of the given timesteps (equation 4), for each schedule. Every picture uses the same
 * noise ε, so that rows differ by their schedule alone and columns by their timestep alone.
 *
 * @param x0 one clean image in model range [pixels]
 * @param noise standard normals [pixels]
 * @param timesteps 0..T; 0 is the clean image
 * @throws ConfigError for a timestep beyond the T of one of the schedules
 */
export function noisingFigure(
  schedules: readonly NoiseSchedule[],
  x0: Float32Array,
  noise: Float32Array,
  timesteps: readonly number[],
): NoisingRow[] {
  noisingFigureArguments({ schedules, x0, noise, timesteps });
  return schedules.map((schedule) => ({
    schedule: schedule.name,
    timesteps,
    images: timesteps.map((t) => (t === 0 ? x0.slice() : addNoise(schedule, x0, [t], noise, x0.length))),
  }));
}
