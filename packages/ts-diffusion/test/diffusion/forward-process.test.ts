import { describe, expect, it } from 'vitest';
import { addNoise } from '../../src/diffusion/forward-process.js';
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
      'Noising 2 images of 2 pixels needs 4 values of x_0 and of noise, got 2 and 2.',
    );
    expect(() => addNoise(schedule, two, [1], new Float32Array(3), 2)).toThrow('got 2 and 3.');
  });
});

it.each(noiseScheduleNames)(
  'addNoise is t steps x ← √(1 - β) x + √β ε of the Markov chain (equation 2), %s schedule',
  (name) => {
    // After t steps the image is signal · x_0 plus independent noises, whose variances add up.
    const T = 60;
    const schedule = createNoiseSchedule(name, T);
    let [signal, variance] = [1, 0];
    schedule.betas.forEach((beta, i) => {
      signal *= Math.sqrt(1 - beta);
      variance = (1 - beta) * variance + beta;
      const [x0, noise] = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
      const coefficients = addNoise(schedule, x0, [i + 1, i + 1], noise, 1);
      expect(coefficients).toBeCloseToTensor([signal, Math.sqrt(variance)], { rtol: 1e-5 });
    });
  },
);
