import { describe, expect, it } from 'vitest';
import { drawTimesteps } from '../../src/diffusion/timestep-sampling.js';
import { RandomStream } from '../../src/utils/random.js';

const COUNT = 20_000;
const T = 1000;

/** How many of the timesteps are at most `bound`, in standard deviations from the expected number. */
function excess(timesteps: Float32Array, bound: number, probability: number): number {
  const below = timesteps.filter((t) => t <= bound).length;
  return (below - COUNT * probability) / Math.sqrt(COUNT * probability * (1 - probability));
}

describe('timesteps of training', () => {
  it.each(['uniform', 'logit-normal'] as const)('%s: whole numbers from 1 to T', (sampling) => {
    const timesteps = drawTimesteps(sampling, 3, 1000, new RandomStream(1));
    expect(new Set(timesteps)).toEqual(new Set([1, 2, 3]));
  });

  it('uniform: each as often', () => {
    const timesteps = drawTimesteps('uniform', T, COUNT, new RandomStream(2));
    for (const bound of [100, 269, 500, 900]) expect(Math.abs(excess(timesteps, bound, bound / T))).toBeLessThan(4);
  });

  it('logit-normal: P(t ≤ k) is the normal distribution at ln(k/(T − k))', () => {
    const timesteps = drawTimesteps('logit-normal', T, COUNT, new RandomStream(3));
    // scipy.stats.norm.cdf(numpy.log(k / (1000 - k))), SciPy 1.17
    const distribution = { 100: 0.014002, 269: 0.158727, 500: 0.5, 900: 0.985998 };
    for (const [bound, probability] of Object.entries(distribution)) {
      expect(Math.abs(excess(timesteps, Number(bound), probability))).toBeLessThan(4);
    }
  });
});
