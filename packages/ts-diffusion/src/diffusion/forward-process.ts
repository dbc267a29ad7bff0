import { ConfigError } from '../utils/errors.js';
import { checkTimestep, type NoiseSchedule } from './noise-schedule.js';
import { positiveCount, floats, numbers, signature } from '../utils/arguments.js';
import { schedule } from '../utils/argument-shapes.js';

const addNoiseArguments = signature('addNoise', {
  schedule,
  x0: floats,
  timesteps: numbers,
  noise: floats,
  pixelsPerImage: positiveCount,
  out: floats.optional(),
});

/**
 * Noised images straight from clean ones: x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · ε (equation 4), each image at its own timestep.
 *
 * @param x0 clean images in model range [B, C, H, W]
 * @param timesteps one integer 1..T per image [B]
 * @param noise standard normals ε, shaped as x0
 * @param pixelsPerImage C · H · W
 * @param out where x_t goes, shaped as x0; a new array unless given
 * @returns x_t
 * @throws ConfigError for a timestep outside 1..T or lengths that do not agree
 */
export function addNoise(
  schedule: NoiseSchedule,
  x0: Float32Array,
  timesteps: ArrayLike<number>,
  noise: Float32Array,
  pixelsPerImage: number,
  out?: Float32Array,
): Float32Array {
  addNoiseArguments({ schedule, x0, timesteps, noise, pixelsPerImage, out });
  if (x0.length !== timesteps.length * pixelsPerImage || noise.length !== x0.length) {
    throw new ConfigError(
      `Noising ${timesteps.length} images of ${pixelsPerImage} pixels needs ${timesteps.length * pixelsPerImage} values ` +
        `of x_0 and of noise, got ${x0.length} and ${noise.length}.`,
    );
  }
  return mixPerImage(schedule, x0, noise, timesteps, pixelsPerImage, (signal, sigma) => [signal, sigma], out);
}

/**
 * p · a + q · b, image by image.
 *
 * @param a images [B, C, H, W]
 * @param b images [B, C, H, W]
 * @param timesteps one integer 1..T per image [B]
 * @param weights p and q, given √ᾱ_t and √(1 - ᾱ_t) of the image's timestep
 * @param out where the result goes; a new array unless given
 * @throws ConfigError for a timestep outside 1..T
 */
export function mixPerImage(
  schedule: NoiseSchedule,
  a: Float32Array,
  b: Float32Array,
  timesteps: ArrayLike<number>,
  pixelsPerImage: number,
  weights: (signal: number, sigma: number) => readonly [number, number],
  out: Float32Array = new Float32Array(a.length),
): Float32Array {
  for (let image = 0; image < timesteps.length; image++) {
    const t = timesteps[image] as number;
    checkTimestep(schedule, t);
    const alphaCumprod = schedule.alphasCumprod[t - 1] as number;
    const [p, q] = weights(Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod));
    const end = (image + 1) * pixelsPerImage;
    for (let i = image * pixelsPerImage; i < end; i++) out[i] = p * (a[i] as number) + q * (b[i] as number);
  }
  return out;
}
