import { describe, expect, it } from 'vitest';
import { addNoise, addNoiseOneStep } from '../../src/diffusion/forward-process.js';
import { createNoiseSchedule, noiseScheduleNames, type NoiseScheduleName } from '../../src/diffusion/noise-schedule.js';
import golden from '../golden/diffusion.json' with { type: 'json' };

describe('addNoise (equation 4)', () => {
  it.each(golden.forward)(
    `equals add_noise of ${golden.origin.versions}: $schedule, T = $timesteps`,
    ({ schedule: name, timesteps, t, x0, noise, noisy }) => {
      const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps);
      const out = addNoise(schedule, Float32Array.from(x0), t, Float32Array.from(noise), x0.length / t.length);
      expect(out).toBeCloseToTensor(noisy, { rtol: 1e-6, atol: 1e-6 });
    },
  );

  const schedule = createNoiseSchedule('linear', 10);
  const two = new Float32Array(2);

  it.each([0, 11, 1.5, NaN])('refuses timestep %d of T = 10', (t) => {
    expect(() => addNoise(schedule, two, [t], two, 2)).toThrow(
      `A timestep must be an integer from 1 to T = 10, got ${t}.`,
    );
  });

  it('refuses lengths that do not agree', () => {
    expect(() => addNoise(schedule, two, [1, 2], two, 2)).toThrow(
      'Noising 2 images of 2 pixels needs 4 values of x and of noise, got 2 and 2.',
    );
    expect(() => addNoise(schedule, two, [1], new Float32Array(3), 2)).toThrow('got 2 and 3.');
  });
});

describe.each(noiseScheduleNames)('addNoiseOneStep (equation 2), %s schedule', (name) => {
  it('iterated t times has exactly the mean and the variance of equation 4', () => {
    // The iteration is linear in (x_0, ε_1, ..., ε_T). Image 0 starts from a unit x_0 without noise, image s from zero with
    // a unit ε_s: after step t the pixels are the coefficients, and independent unit noises add their squares.
    const T = 60;
    const schedule = createNoiseSchedule(name, T);
    let x = new Float32Array(T + 1);
    x[0] = 1;
    for (let t = 1; t <= T; t++) {
      const noise = new Float32Array(T + 1);
      noise[t] = 1;
      x = Float32Array.from(addNoiseOneStep(schedule, x, new Int32Array(T + 1).fill(t), noise, 1));
      const [signal = NaN, ...noises] = x;
      const kept = schedule.alphasCumprod[t - 1] ?? NaN;
      expect([signal]).toBeCloseToTensor([Math.sqrt(kept)], { rtol: 1e-5, atol: 0 });
      expect([noises.reduce((sum, c) => sum + c * c, 0)]).toBeCloseToTensor([1 - kept], { rtol: 1e-5, atol: 0 });
    }
  });
});
