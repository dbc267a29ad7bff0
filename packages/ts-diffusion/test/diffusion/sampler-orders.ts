import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { logSnr } from '../../src/diffusion/reverse-transition.js';
import { reverseProcess, type SamplerOptions } from '../../src/diffusion/reverse-process.js';
import type { Sampler } from '../../src/diffusion/samplers/index.js';
import { gaussian, exactMoments, mixtureDenoiser, probabilityFlow, type Mixture } from './mixture.js';

/** Fine enough that timesteps can be chosen evenly in λ between FIRST (λ = -2.5) and LAST (λ = 2.2). */
const schedule = createNoiseSchedule('linear', 20_000, { rescaleBetas: true });
const FIRST = 14_000;
const LAST = 600;
const kept = (t: number): number => schedule.alphasCumprod[t - 1] ?? NaN;

const mixture: Mixture = [
  { weight: 0.4, mean: -0.8, deviation: 0.3 },
  { weight: 0.6, mean: 0.5, deviation: 0.4 },
];

/** `steps` + 1 timesteps from FIRST to LAST, evenly spaced in λ up to rounding. */
function evenInLambda(steps: number): number[] {
  const [from, to] = [logSnr(kept(FIRST)), logSnr(kept(LAST))];
  return Array.from({ length: steps + 1 }, (_, i) => {
    const target = from + ((to - from) * i) / steps;
    return schedule.alphasCumprod.findLastIndex((each) => logSnr(each) >= target - 1e-12) + 1;
  });
}

/** The state at LAST of a run that starts at FIRST from x [pixels], with `noiseOfStep` in place of random noise. */
async function stateAtLast(
  sampler: Sampler,
  data: Mixture,
  steps: number,
  x: Float32Array,
  noiseOfStep: (step: number) => Float32Array,
  options: SamplerOptions,
): Promise<Float32Array> {
  let calls = 0;
  const start = {
    x: { shape: [1, 1, 1, x.length] as const, data: x },
    labels: Int32Array.of(0),
    noise: { next: () => noiseOfStep(calls++) },
  };
  const run = reverseProcess(sampler, mixtureDenoiser(schedule, [data]), schedule, start, {
    timesteps: evenInLambda(steps),
    ...options,
  });
  for await (const state of run) if (state.timestep === LAST) return state.x;
  throw new Error('the sampler never came to its last timestep');
}

const none = (): Float32Array => new Float32Array();

const startingPoints = Float32Array.from({ length: 64 }, (_, i) => -2.2 + (4.4 * i) / 63);
const exactFlow = Array.from(startingPoints, (x) => probabilityFlow(mixture, kept(FIRST), kept(LAST), x));

/** Root mean square distance from the exact probability flow of the mixture, over 64 starting points. */
export async function flowError(sampler: Sampler, steps: number): Promise<number> {
  const found = await stateAtLast(sampler, mixture, steps, startingPoints, none, {});
  const squares = found.map((value, i) => (value - (exactFlow[i] ?? NaN)) ** 2);
  return Math.sqrt(squares.reduce((sum, each) => sum + each) / squares.length);
}

/**
 * Error of the variance that a stochastic sampler gives Gaussian data, exact. With Gaussian data every step is linear, so x
 * is a linear form in the starting x and the noise of each step: pixel 0 starts from 1 and gets no noise, pixel k starts from
 * 0 and gets a unit noise in step k; what comes out are the coefficients, and independent variances add with their squares.
 */
export async function varianceError(sampler: Sampler, steps: number, options: SamplerOptions): Promise<number> {
  const data = gaussian(0, 0.5);
  const unit = (at: number): Float32Array => new Float32Array(steps + 1).fill(1, at, at + 1);
  const coefficients = await stateAtLast(sampler, data, steps, unit(0), (step) => unit(step + 1), options);
  const found = coefficients.reduce(
    (sum, c, i) => sum + c * c * (i === 0 ? exactMoments(data, kept(FIRST)).square : 1),
    0,
  );
  return Math.abs(found - exactMoments(data, kept(LAST)).square);
}

/** The order p of errors ~ n^-p: the slope of the line through (ln n, ln error), by least squares. */
export function observedOrder(steps: readonly number[], errors: readonly number[]): number {
  const [x, y] = [steps.map(Math.log), errors.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const slope = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + (value - mx) * ((b[i] ?? NaN) - (b === x ? mx : my)), 0);
  return -slope(x, y) / slope(x, x);
}
