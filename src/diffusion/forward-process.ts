import { checkTimestep, type NoiseSchedule } from './noise-schedule.js';

/**
 * Noised images straight from clean ones: x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · ε (equation 4), each image at its own timestep.
 *
 * @param x0 clean images in model range [B, C, H, W]
 * @param timesteps one integer 1..T per image [B]
 * @param noise standard normals ε, shaped as x0
 * @param pixelsPerImage C · H · W
 * @returns x_t, shaped as x0, in a new array
 * @throws RangeError for a timestep outside 1..T or lengths that do not agree
 */
export function addNoise(
  schedule: NoiseSchedule,
  x0: Float32Array,
  timesteps: ArrayLike<number>,
  noise: Float32Array,
  pixelsPerImage: number,
): Float32Array {
  return mixPerImage(schedule, schedule.alphasCumprod, x0, timesteps, noise, pixelsPerImage);
}

/**
 * One step of the forward Markov chain: x_t = √(1 - β_t) · x_{t-1} + √β_t · ε (equation 2). Parameters as in `addNoise`,
 * with the images at timestep t - 1 in place of the clean ones.
 */
export function addNoiseOneStep(
  schedule: NoiseSchedule,
  xPrevious: Float32Array,
  timesteps: ArrayLike<number>,
  noise: Float32Array,
  pixelsPerImage: number,
): Float32Array {
  return mixPerImage(schedule, schedule.alphas, xPrevious, timesteps, noise, pixelsPerImage);
}

/** √k · x + √(1 - k) · ε, where k is the kept variance of each image's timestep: ᾱ_t in equation 4, α_t in equation 2. */
function mixPerImage(
  schedule: NoiseSchedule,
  keptVariance: Float64Array,
  x: Float32Array,
  timesteps: ArrayLike<number>,
  noise: Float32Array,
  pixelsPerImage: number,
): Float32Array {
  if (x.length !== timesteps.length * pixelsPerImage || noise.length !== x.length) {
    throw new RangeError(
      `Noising ${timesteps.length} images of ${pixelsPerImage} pixels needs ${timesteps.length * pixelsPerImage} values ` +
        `of x and of noise, got ${x.length} and ${noise.length}.`,
    );
  }
  const out = new Float32Array(x.length);
  for (let image = 0; image < timesteps.length; image++) {
    const t = timesteps[image] as number;
    checkTimestep(schedule, t);
    const kept = keptVariance[t - 1] as number;
    const signalScale = Math.sqrt(kept);
    const noiseScale = Math.sqrt(1 - kept);
    const end = (image + 1) * pixelsPerImage;
    for (let i = image * pixelsPerImage; i < end; i++) {
      out[i] = signalScale * (x[i] as number) + noiseScale * (noise[i] as number);
    }
  }
  return out;
}
