import { ConfigError } from '../utils/errors.js';

/** The betas of one schedule: β_1 .. β_T, float64, index t - 1. */
export type Betas = (timesteps: number) => Float64Array;

/** T at which the linear schedule's ends were chosen (Ho et al. 2020, section 4). */
const LINEAR_TIMESTEPS = 1000;
const LINEAR_FIRST_BETA = 1e-4;
const LINEAR_LAST_BETA = 0.02;
const COSINE_OFFSET = 0.008;
const COSINE_SMALLEST_BETA = 1e-4;
const COSINE_LARGEST_BETA = 0.9999;
const SIGMOID_START = -3;
const SIGMOID_END = 3;
const SIGMOID_SMALLEST_CUMPROD = 1e-9;

/** T evenly spaced values with both ends included (Ho et al. 2020, section 4); the ends do not depend on T. */
export const linearBetas: Betas = (timesteps) => evenlyFrom(LINEAR_FIRST_BETA, LINEAR_LAST_BETA, timesteps);

/**
 * The linear schedule with both ends scaled by 1000 / T, so that about as much signal is left at T whatever T is
 * (Nichol & Dhariwal 2021, in their published code).
 *
 * @throws ConfigError for T <= 20, where the last β would reach 1
 */
export const rescaledLinearBetas: Betas = (timesteps) => {
  const scale = LINEAR_TIMESTEPS / timesteps;
  if (scale * LINEAR_LAST_BETA >= 1) {
    throw new ConfigError(
      `Betas rescaled to T = ${timesteps} would reach ${scale * LINEAR_LAST_BETA}, but must be less than 1. ` +
        `Use T > ${LINEAR_TIMESTEPS * LINEAR_LAST_BETA}, or do not rescale the betas.`,
    );
  }
  return evenlyFrom(scale * LINEAR_FIRST_BETA, scale * LINEAR_LAST_BETA, timesteps);
};

/** β_t = 1 - f(t) / f(t-1), f(t) = cos²((t/T + s) / (1 + s) · π/2) (Nichol & Dhariwal 2021, equation 17), clipped. */
export const cosineBetas: Betas = (timesteps) => {
  const f = (t: number) => Math.cos(((t / timesteps + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * (Math.PI / 2)) ** 2;
  return Float64Array.from({ length: timesteps }, (_, i) =>
    Math.min(Math.max(1 - f(i + 1) / f(i), COSINE_SMALLEST_BETA), COSINE_LARGEST_BETA),
  );
};

/** ᾱ_t falls as a sigmoid from 1 to 0, over -3..3 with temperature 1, at least 1e-9 (Jabri et al. 2022; Chen 2023, section 2). */
export const sigmoidBetas: Betas = (timesteps) => {
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
  const [first, last] = [sigmoid(SIGMOID_START), sigmoid(SIGMOID_END)];
  const cumprod = (t: number) => {
    const value = sigmoid(SIGMOID_START + (t / timesteps) * (SIGMOID_END - SIGMOID_START));
    return Math.max((last - value) / (last - first), SIGMOID_SMALLEST_CUMPROD);
  };
  return Float64Array.from({ length: timesteps }, (_, i) => 1 - cumprod(i + 1) / cumprod(i));
};

/**
 * The noise levels of rectified flow's linear path (1 - s) · x_0 + s · ε at s = t/T (Liu et al. 2023, equation 1), scaled to keep the
 * variance: ᾱ_t = (1 - s)² / ((1 - s)² + s²). Nothing is left of the image at T. See `linearPathPoint`.
 */
export const flowBetas: Betas = (timesteps) => {
  const cumprod = (t: number) => {
    const s = t / timesteps;
    return (1 - s) ** 2 / ((1 - s) ** 2 + s ** 2);
  };
  return Float64Array.from({ length: timesteps }, (_, i) => 1 - cumprod(i + 1) / cumprod(i));
};

/**
 * The schedule changed so that nothing is left of the image at T: √ᾱ_t shifted to be 0 at T and scaled to keep √ᾱ_1
 * (Lin et al. 2023, Algorithm 1). The last β becomes 1.
 *
 * @throws ConfigError for T = 1, whose only timestep would have to be both
 */
export function zeroTerminalSnrBetas(betas: Float64Array): Float64Array {
  if (betas.length < 2) throw new ConfigError('A schedule with zero terminal SNR needs at least 2 timesteps, got 1.');
  let product = 1;
  const signal = betas.map((beta) => Math.sqrt((product *= 1 - beta)));
  const first = signal[0] as number;
  const last = signal.at(-1) as number;
  const cumprod = signal.map((value) => ((value - last) * (first / (first - last))) ** 2);
  return cumprod.map((value, i) => 1 - value / (i === 0 ? 1 : (cumprod[i - 1] as number)));
}

function evenlyFrom(first: number, last: number, count: number): Float64Array {
  const increment = count > 1 ? (last - first) / (count - 1) : 0;
  return Float64Array.from({ length: count }, (_, i) => first + i * increment);
}
