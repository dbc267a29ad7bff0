import { describe, expect, it } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { asX0, type PredictionType } from '../../src/diffusion/prediction.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { ddim } from '../../src/diffusion/samplers/ddim.js';
import { allStates } from './sampling.js';

/** The unscaled linear schedule leaves √ᾱ_T = 2e-9 of the image, less than the rounding of float32. */
const schedule = createNoiseSchedule('linear', 4000);
const x = { shape: [2, 1, 1, 4], data: Float32Array.of(0.5, -1, 1.7, 2.3, 1, -2, 2.4, 0.3) } as const;

/** What the first of the timesteps predicts as x_0. */
async function predictedX0(type: PredictionType, predict: (x: Float32Array) => Float32Array, timesteps: number[]) {
  const denoiser = asX0(
    networkFrom(({ data }) => Promise.resolve(predict(data))),
    type,
    schedule,
  );
  const start = { x, labels: Int32Array.of(0, 0), noise: { next: () => new Float32Array(8) } };
  const [first] = await allStates(reverseProcess(ddim, denoiser, schedule, start, { timesteps }));
  return first?.predictedX0;
}

describe('of next to nothing of the image', () => {
  const rounded = (data: Float32Array): Float32Array => data.map((value) => value * (1 - 2 ** -22));

  it('a long step takes no rounding errors for the image, but mid-grey', async () => {
    expect(await predictedX0('epsilon', rounded, [4000])).toEqual(new Float32Array(8));
    expect(await predictedX0('epsilon', rounded, [3480, 100])).toEqual(new Float32Array(8));
  });

  it('a long step keeps what the network predicts as the image', async () => {
    const image = Float32Array.of(-1, 1, 0.5, 0, -0.5, 0.25, 1.2, -1.2);
    expect(await predictedX0('x0', () => image, [4000])).toEqual(image);
  });

  it('a short step, which multiplies the errors by as little again, is the formula alone', async () => {
    const found = await predictedX0('epsilon', rounded, [4000, 3999]);
    const cumprod = schedule.alphasCumprod[3999] ?? NaN;
    const [signal, sigma] = [Math.sqrt(cumprod), Math.sqrt(1 - cumprod)];
    const expected = Array.from(x.data, (value) => (value - sigma * Math.fround(value * (1 - 2 ** -22))) / signal);
    expect(found).toBeCloseToTensor(expected, { rtol: 1e-6 });
  });
});
