import { describe, expect, it } from 'vitest';
import { resamplingWalk } from '../../src/diffusion/resampling.js';
import golden from '../golden/samplers.json' with { type: 'json' };

describe('resamplingWalk', () => {
  it.each(golden.repaintWalks)(
    `walks as RePaintScheduler of ${golden.origin.versions}: $steps steps, jump $jump, $times times`,
    ({ steps, jump, times, walk }) => {
      const timesteps = Array.from({ length: steps }, (_, i) => steps - i);
      expect(resamplingWalk(timesteps, { jump, times })).toEqual(walk);
    },
  );

  it('without resampling goes straight down', () => {
    expect(resamplingWalk([9, 5, 2])).toEqual([9, 5, 2, 0]);
  });

  it.each([
    [0, 2],
    [1, 0],
    [1.5, 2],
  ])('refuses jump %d, times %d', (jump, times) => {
    expect(() => resamplingWalk([3, 2, 1], { jump, times })).toThrow('positive integers');
  });
});
