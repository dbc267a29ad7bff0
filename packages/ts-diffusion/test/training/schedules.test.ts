import { describe, expect, test } from 'vitest';
import { emaDecayAt } from '../../src/training/ema-schedule.js';
import { cycleStartOf, learningRateAt } from '../../src/training/learning-rate.js';

describe('learning rate', () => {
  const schedule = { learningRate: 0.4, warmupSteps: 4, learningRateDecay: 'cosine', steps: 12 } as const;

  test('warms up linearly and then falls along half a cosine', () => {
    // As a linear warm-up of 4 steps followed by cosine annealing to 0 over 8 steps (Loshchilov & Hutter, equation 5):
    // 0.2 (1 + cos(pi k / 8)), k = 0..7, with the cosines from a table.
    const cosines = [1, 0.9238795325, 0.7071067812, 0.3826834324, 0, -0.3826834324, -0.7071067812, -0.9238795325];
    const expected = [0.1, 0.2, 0.3, 0.4, ...cosines.map((cosine) => 0.2 * (1 + cosine))];
    expected.forEach((rate, i) => {
      expect(learningRateAt(schedule, i + 1)).toBeCloseTo(rate, 9);
    });
  });

  test('without decay it stays', () => {
    expect(learningRateAt({ ...schedule, learningRateDecay: 'none' }, 12)).toBe(0.4);
    expect(learningRateAt({ ...schedule, learningRateDecay: 'none', warmupSteps: 0 }, 1)).toBe(0.4);
  });

  test('the last step still moves the weights', () => {
    expect(learningRateAt(schedule, 12)).toBeGreaterThan(0);
  });
});

describe('the cycle of the learning rate of a resumed run', () => {
  const ten = { learningRate: 0.4, warmupSteps: 4, learningRateDecay: 'cosine', steps: 10 } as const;
  const twenty = { ...ten, steps: 20 };

  test('goes on where the steps are the same, and begins where they are others', () => {
    expect(cycleStartOf(undefined, ten)).toBe(0);
    expect(cycleStartOf({ step: 7, config: ten }, ten)).toBe(0);
    expect(cycleStartOf({ step: 10, config: ten }, twenty)).toBe(10);
    expect(cycleStartOf({ step: 13, config: twenty, cycleStart: 10 }, twenty)).toBe(10);
    expect(cycleStartOf({ step: 13, config: twenty, cycleStart: 10 }, { ...ten, steps: 15 })).toBe(13);
    expect(cycleStartOf({ step: 10, config: ten }, { ...twenty, learningRateDecay: 'none' })).toBe(0);
  });

  test('is a run of its own: warm-up, then down from the full rate', () => {
    for (let step = 1; step <= 10; step++) {
      expect(learningRateAt(twenty, 10 + step, 10)).toBe(learningRateAt(ten, step));
    }
  });
});

describe('EMA decay', () => {
  test('warms up as TensorFlow documents: min(decay, (1 + k) / (10 + k))', () => {
    expect(emaDecayAt(0.999, 1)).toBeCloseTo(2 / 11, 12);
    expect(emaDecayAt(0.999, 90)).toBeCloseTo(0.91, 12);
    expect(emaDecayAt(0.999, 1e6)).toBe(0.999);
    expect(emaDecayAt(0, 50)).toBe(0);
  });
});
