import { describe, expect, it } from 'vitest';
import { addNoise } from '../../src/diffusion/forward-process.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { asEpsilon, predictionTarget, predictionTypes } from '../../src/diffusion/prediction.js';
import { deterministicTensor } from '../golden/deterministic-weights.js';

const schedule = createNoiseSchedule('cosine', 100);
const timesteps = Float32Array.of(1, 37, 100);
const pixels = 8;
const x0 = deterministicTensor('x0', timesteps.length * pixels, 1);
const noise = deterministicTensor('noise', timesteps.length * pixels, 1.7);
const data = addNoise(schedule, x0, timesteps, noise, pixels);
const x = { shape: [timesteps.length, 1, 2, 4], data } as const;

describe('prediction types', () => {
  it.each(predictionTypes)('a perfect prediction of %s is turned into the noise that was added', async (type) => {
    const target = predictionTarget(type, schedule, { x0, noise }, timesteps, pixels);
    const denoiser = asEpsilon(() => Promise.resolve(target), type, schedule);
    // At t = 1 dividing by √(1 − ᾱ_1) = 0.01 shows the rounding of x_t.
    expect(await denoiser(x, timesteps, new Int32Array(3))).toBeCloseToTensor(noise, { atol: 3e-5 });
  });

  it('v is √ᾱ ε − √(1 − ᾱ) x_0, the derivative of x_t by the angle whose cosine is √ᾱ', () => {
    const v = predictionTarget('v', schedule, { x0, noise }, timesteps, pixels);
    const expected = Array.from(v, (_, i) => {
      const angle = Math.acos(Math.sqrt(schedule.alphasCumprod[(timesteps[Math.floor(i / pixels)] ?? 0) - 1] ?? NaN));
      const at = (phi: number): number => Math.cos(phi) * (x0[i] ?? NaN) + Math.sin(phi) * (noise[i] ?? NaN);
      return (at(angle + 1e-5) - at(angle - 1e-5)) / 2e-5;
    });
    expect(v).toBeCloseToTensor(expected, { atol: 1e-6 });
  });
});
