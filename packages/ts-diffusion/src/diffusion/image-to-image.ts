import { ConfigError } from '../utils/errors.js';
import { addNoise } from './forward-process.js';
import type { NoiseSchedule } from './noise-schedule.js';
import { number, floats, numbers, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

const startFromImagesArguments = signature('startFromImages', {
  schedule,
  images: floats,
  timesteps: numbers,
  strength: number,
  noise: floats,
});

/**
 * Where sampling begins when it starts from images instead of noise (SDEdit, Meng et al. 2022): at the first of the timesteps up
 * to strength · T, with the images noised that far.
 *
 * @param images clean images in model range [B, C, H, W]
 * @param timesteps those of a whole run, decreasing
 * @param strength in (0, 1]: 1 starts from as much noise as drawing does; a little keeps the image
 * @param noise standard normals, shaped as images
 * @returns the noised images, and the timesteps left to visit
 * @throws ConfigError for another strength, or one that leaves no timestep
 */
export function startFromImages(
  schedule: NoiseSchedule,
  images: Float32Array,
  timesteps: readonly number[],
  strength: number,
  noise: Float32Array,
): { x: Float32Array; timesteps: number[] } {
  startFromImagesArguments({ schedule, images, timesteps, strength, noise });
  const left = timestepsWithin(schedule, timesteps, strength);
  return { x: addNoise(schedule, images, [left[0] as number], noise, images.length), timesteps: left };
}

/**
 * Those of the timesteps that are left to visit from noise of strength · T on: at least one.
 *
 * @throws ConfigError for a strength that is not in (0, 1], or one that leaves no timestep
 */
export function timestepsWithin(schedule: NoiseSchedule, timesteps: readonly number[], strength: number): number[] {
  if (!(strength > 0 && strength <= 1)) {
    throw new ConfigError(`The strength of an edit must be a number above 0 and at most 1, got ${strength}.`);
  }
  const left = timesteps.filter((t) => t <= strength * schedule.timesteps);
  if (left.length === 0) {
    throw new ConfigError(
      `Strength ${strength} skips all ${timesteps.length} timesteps; the last one is ${timesteps.at(-1) ?? 'missing'} of ` +
        `T = ${schedule.timesteps}. Use more steps or a larger strength.`,
    );
  }
  return left;
}
