import { describe, expect, test } from 'vitest';
import { resolveTrainConfig } from 'ts-diffusion/train';
import { stepsWithin, withStepsInTime } from '../../src/training/steps-in-time.js';

describe('the steps of a training with a time limit', () => {
  const limits = { steps: 2000, maxMinutes: 2 };

  test('are those of the configuration where the machine is fast enough', () => {
    expect(stepsWithin(limits, 10)).toBe(2000);
    expect(stepsWithin(limits, 51)).toBe(2000);
  });

  test('are what a slower machine takes in 85 % of the time', () => {
    // 2 minutes of 100 ms are 1200 steps.
    expect(stepsWithin(limits, 100)).toBe(1020);
    expect(stepsWithin(limits, 200)).toBe(510);
  });

  test('are at least 300', () => {
    expect(stepsWithin(limits, 10_000)).toBe(300);
    expect(stepsWithin({ ...limits, steps: 20 }, 10_000)).toBe(20);
  });
});

const tiny = { channels: [8, 8], batchSize: 2, data: 'embedded', threads: 1 };

test('are measured: a limit of a moment leaves the least, and no limit all', async () => {
  const { signal } = new AbortController();
  const config = resolveTrainConfig('quick', { ...tiny, steps: 1_000_000, maxMinutes: 0.001 });
  expect(await withStepsInTime(config, signal)).toEqual({ ...config, steps: 300 });
  const unlimited = { ...config, maxMinutes: 0 };
  expect(await withStepsInTime(unlimited, signal)).toBe(unlimited);
});

test('are not measured once the signal has been aborted', async () => {
  const config = resolveTrainConfig('quick', { ...tiny, steps: 1_000_000, maxMinutes: 1 });
  expect(await withStepsInTime(config, AbortSignal.abort())).toBeUndefined();
});
