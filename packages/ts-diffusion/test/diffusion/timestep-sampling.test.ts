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
  it.each(['uniform', 'logit-normal'] as const)('%s: whole numbers from 1 to T', (timestepSampling) => {
    const timesteps = drawTimesteps({ timestepSampling }, 3, 1000, new RandomStream(1));
    expect(new Set(timesteps)).toEqual(new Set([1, 2, 3]));
  });

  it('uniform: each as often', () => {
    const timesteps = drawTimesteps({ timestepSampling: 'uniform' }, T, COUNT, new RandomStream(2));
    for (const bound of [100, 269, 500, 900]) expect(Math.abs(excess(timesteps, bound, bound / T))).toBeLessThan(4);
  });

  it('logit-normal: P(t ≤ k) is the normal distribution at ln(k/(T − k))', () => {
    const timesteps = drawTimesteps({ timestepSampling: 'logit-normal' }, T, COUNT, new RandomStream(3));
    // scipy.stats.norm.cdf(numpy.log(k / (1000 - k))), SciPy 1.17
    const distribution = { 100: 0.014002, 269: 0.158727, 500: 0.5, 900: 0.985998 };
    for (const [bound, probability] of Object.entries(distribution)) {
      expect(Math.abs(excess(timesteps, Number(bound), probability))).toBeLessThan(4);
    }
  });

  it('logit-normal with mean and standard deviation: P(t ≤ k) is the normal distribution at (ln(k/(T − k)) − mean)/std', () => {
    const distribution = { timestepSampling: 'logit-normal', logitMean: 0.7, logitStd: 0.5 } as const;
    const timesteps = drawTimesteps(distribution, T, COUNT, new RandomStream(4));
    // Python 3.11: statistics.NormalDist(0.7, 0.5).cdf(math.log(k / (1000 - k)))
    for (const [bound, probability] of Object.entries({ 500: 0.080757, 668: 0.499324, 800: 0.91506, 900: 0.998625 })) {
      expect(Math.abs(excess(timesteps, Number(bound), probability))).toBeLessThan(4);
    }
  });
});
