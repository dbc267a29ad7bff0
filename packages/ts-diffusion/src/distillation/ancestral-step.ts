import type { ReverseTransition } from '../diffusion/reverse-transition.js';

/**
 * The step of the sampler `ddpm` of one image: x_s drawn given x_t and x_0 (Ho et al. 2020, equations 6 and 7).
 *
 * @param x x_t
 * @param x0 what the student predicted from it
 * @param noise standard normals; x_s is put in their place
 */
export function ancestralStep(
  { signalPrevious, sigmaPrevious, alpha, beta, sigma, posteriorVariance }: ReverseTransition,
  x: Float32Array,
  x0: Float32Array,
  noise: Float32Array,
): void {
  const onX0 = (signalPrevious * beta) / sigma ** 2;
  const onX = (Math.sqrt(alpha) * sigmaPrevious ** 2) / sigma ** 2;
  const onNoise = Math.sqrt(posteriorVariance);
  for (let i = 0; i < noise.length; i++) {
    noise[i] = onX0 * (x0[i] as number) + onX * (x[i] as number) + onNoise * (noise[i] as number);
  }
}
