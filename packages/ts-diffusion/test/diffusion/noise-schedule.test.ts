import { describe, expect, it } from 'vitest';
import { createNoiseSchedule, noiseScheduleNames, type NoiseScheduleName } from '../../src/diffusion/noise-schedule.js';
import { linearPathPoint } from '../../src/diffusion/linear-path.js';
import golden from '../golden/diffusion.json' with { type: 'json' };

const at = (values: Float64Array, timesteps: number[]) => timesteps.map((t) => values[t - 1] ?? NaN);

describe.each(golden.schedules)(
  `$name schedule at T = $timesteps against ${golden.origin.versions}`,
  ({ name, timesteps, at: picked, betas, alphasCumprod, posteriorVariance, sumOfBetas }) => {
    const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps);

    // diffusers rounds its betas to float32: 6e-8 each, and 1 - beta loses up to two more digits.
    it('has the betas of diffusers', () => {
      expect(at(schedule.betas, picked)).toBeCloseToTensor(betas, { rtol: 1e-6, atol: 0 });
      expect([schedule.betas.reduce((a, b) => a + b)]).toBeCloseToTensor([sumOfBetas], { rtol: 1e-6, atol: 0 });
    });

    it('has the cumulative products of diffusers', () => {
      expect(at(schedule.alphasCumprod, picked)).toBeCloseToTensor(alphasCumprod, { rtol: 1e-5, atol: 0 });
    });

    it('has the posterior variance of diffusers', () => {
      expect(at(schedule.posteriorVariance, picked)).toBeCloseToTensor(posteriorVariance, { rtol: 1e-5, atol: 1e-19 });
    });
  },
);

describe.each(golden.changedSchedules)(
  '$name schedule at T = $timesteps with $options against diffusers and Chen 2023',
  ({ name, timesteps, options, at: picked, betas, alphasCumprod }) => {
    const schedule = createNoiseSchedule(name as NoiseScheduleName, timesteps, options);

    it('has the same betas and cumulative products', () => {
      expect(at(schedule.betas, picked)).toBeCloseToTensor(betas, { rtol: 1e-6 });
      expect(at(schedule.alphasCumprod, picked)).toBeCloseToTensor(alphasCumprod, { rtol: 1e-5 });
    });

    it('leaves nothing of the image at T where that was asked for', () => {
      expect(schedule.alphasCumprod[timesteps - 1] === 0).toBe(options.zeroTerminalSnr);
    });
  },
);

describe('options that do not fit', () => {
  it.each(['cosine', 'sigmoid', 'flow'] as const)('%s betas cannot be rescaled', (name) => {
    expect(() => createNoiseSchedule(name, 100, { rescaleBetas: true })).toThrow(
      `Betas can be rescaled only for the linear schedule; the ${name} schedule does not need it.`,
    );
  });

  it('betas rescaled to few timesteps would reach 1', () => {
    expect(() => createNoiseSchedule('linear', 20, { rescaleBetas: true })).toThrow(/T = 20 would reach 1, .*T > 20/);
    expect(createNoiseSchedule('linear', 21, { rescaleBetas: true }).betas).toHaveLength(21);
  });

  it('one timestep cannot keep its signal and lose it', () => {
    expect(() => createNoiseSchedule('linear', 1, { zeroTerminalSnr: true })).toThrow('at least 2 timesteps');
  });
});

describe('linear schedule', () => {
  it('keeps its ends at every T, so that hardly any signal is left at T = 4000', () => {
    for (const timesteps of [2, 1000, 4000]) {
      const { betas } = createNoiseSchedule('linear', timesteps);
      expect(betas[0]).toBe(1e-4);
      expect(betas.subarray(-1)).toBeCloseToTensor([0.02], { rtol: 1e-14, atol: 0 });
    }
    // DESIGN.md, section 3: 2.7e-18
    expect(createNoiseSchedule('linear', 4000).alphasCumprod.subarray(-1)).toBeCloseToTensor([2.7e-18], {
      rtol: 0.02,
      atol: 0,
    });
  });
});

describe('cosine schedule', () => {
  it('follows the closed form of the cumulative product wherever no beta is clipped', () => {
    // Equation 17 of Nichol & Dhariwal; with so few steps only the last beta, 1 - f(T) / f(T-1) = 1, is clipped.
    const timesteps = 20;
    const { alphasCumprod, betas } = createNoiseSchedule('cosine', timesteps);
    const f = (t: number) => Math.cos(((t / timesteps + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    const expected = Array.from({ length: timesteps - 1 }, (_, i) => f(i + 1) / f(0));
    expect(alphasCumprod.subarray(0, timesteps - 1)).toBeCloseToTensor(expected, { rtol: 1e-12, atol: 0 });
    expect(betas[timesteps - 1]).toBe(0.9999);
  });

  it('never steps below 1e-4', () => {
    expect(Math.min(...createNoiseSchedule('cosine', 4000).betas)).toBe(1e-4);
  });
});

describe('flow schedule', () => {
  it.each([1, 2, 100, 1000, 50_000])('timestep t of T = %i is time t/T of the linear path', (timesteps) => {
    const { alphasCumprod } = createNoiseSchedule('flow', timesteps);
    const found = alphasCumprod.map((each) => linearPathPoint(Math.sqrt(each), Math.sqrt(1 - each)).time);
    const expected = found.map((_, i) => (i + 1) / timesteps);
    // 1 - ᾱ loses digits at t = 1, where it is 1/T².
    expect(found).toBeCloseToTensor(expected, { rtol: 1e-15 * Math.max(10, timesteps ** 2), atol: 1e-12 });
    expect(found.at(-1)).toBe(1);
  });

  it('mixes as much image and noise as (1 - s) x_0 + s ε, scaled to keep the variance', () => {
    const { alphasCumprod } = createNoiseSchedule('flow', 4);
    // s = 1/4: 9/16 : 1/16, s = 1/2, s = 3/4, s = 1
    expect(alphasCumprod).toBeCloseToTensor([0.9, 0.5, 0.1, 0], { rtol: 1e-14 });
  });
});

describe.each(noiseScheduleNames)('%s schedule', (name) => {
  it.each([1, 2, 3, 17, 50_000])('is a variance-preserving schedule at T = %i', (timesteps) => {
    const { betas, alphas, alphasCumprod, posteriorVariance } = createNoiseSchedule(name, timesteps);
    expect(betas).toHaveLength(timesteps);
    let product = 1;
    for (let i = 0; i < timesteps; i++) {
      const beta = betas[i] ?? NaN;
      // Of rectified flow's path nothing is left at its end.
      const most = name === 'flow' && i === timesteps - 1 ? 1 : 1 - Number.EPSILON / 2;
      if (!(beta > 0 && beta <= most)) expect.fail(`beta ${beta} at ${i}`);
      product *= alphas[i] ?? NaN;
      // The posterior knows x_0 as well as x_t: its variance is no larger than the forward step's.
      if (!((posteriorVariance[i] ?? NaN) <= beta)) expect.fail(`posterior variance above beta at ${i}`);
    }
    expect(alphasCumprod[timesteps - 1]).toBe(product);
    expect(product > 0).toBe(name !== 'flow');
    expect(posteriorVariance[0]).toBe(0);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 50_001])('refuses T = %d in one sentence', (timesteps) => {
    expect(() => createNoiseSchedule(name, timesteps)).toThrow(
      `The number of timesteps T of a noise schedule must be an integer from 1 to 50000, got ${timesteps}.`,
    );
  });
});
