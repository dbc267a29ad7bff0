import { describe, expect, it } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { addNoise } from '../../src/diffusion/forward-process.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { asEpsilon, asX0, predictionTarget, predictionTypes } from '../../src/diffusion/prediction.js';
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
    const denoiser = asEpsilon(
      networkFrom(() => Promise.resolve(target)),
      type,
      schedule,
    );
    // At t = 1 dividing by √(1 − ᾱ_1) = 0.01 shows the rounding of x_t.
    expect(await denoiser(x, timesteps, new Int32Array(3))).toBeCloseToTensor(noise, { atol: 3e-5 });
  });

  it.each(predictionTypes)('a perfect prediction of %s is turned into the clean image', async (type) => {
    const target = predictionTarget(type, schedule, { x0, noise }, timesteps, pixels);
    const denoiser = asX0(
      networkFrom(() => Promise.resolve(target)),
      type,
      schedule,
    );
    const found = await denoiser(x, timesteps, new Int32Array(3));
    // ε alone loses digits: 1 / √ᾱ_100 is 6000.
    expect(found.subarray(0, 2 * pixels)).toBeCloseToTensor(x0.subarray(0, 2 * pixels), { atol: 1e-6 });
    const last = x0.subarray(2 * pixels);
    expect(found.subarray(2 * pixels)).toBeCloseToTensor(last, { atol: type === 'epsilon' ? 2e-3 : 1e-6 });
  });

  it('pure noise is no obstacle to x0, v and flow, and refused in one sentence for epsilon', async () => {
    const zero = createNoiseSchedule('cosine', 100, { zeroTerminalSnr: true });
    const at = { x: { shape: [1, 1, 1, 2], data: Float32Array.of(0.5, -1) }, t: Float32Array.of(100) } as const;
    const predict = (type: (typeof predictionTypes)[number]) =>
      asX0(
        networkFrom(() => Promise.resolve(Float32Array.of(0.3, 0.1))),
        type,
        zero,
      )(at.x, at.t, Int32Array.of(0));
    expect(await predict('x0')).toEqual(Float32Array.of(0.3, 0.1));
    expect(await predict('v')).toBeCloseToTensor([-0.3, -0.1], { rtol: 1e-7 });
    // x_T = ε, and x_0 = ε - u
    expect(await predict('flow')).toBeCloseToTensor([0.5 - 0.3, -1 - 0.1], { rtol: 1e-7 });
    await expect(predict('epsilon')).rejects.toThrow('Use a model that predicts x0, v or flow.');
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
