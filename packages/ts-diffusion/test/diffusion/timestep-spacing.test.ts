import { describe, expect, it } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { spacedTimesteps, timestepSpacings } from '../../src/diffusion/timestep-spacing.js';

const fine = createNoiseSchedule('linear', 50_000, { rescaleBetas: true });
const level = (t: number): number => Math.sqrt(1 / (fine.alphasCumprod[t - 1] ?? NaN) - 1);
/** Coefficient of variation of the differences between neighbours. */
function unevenness(values: readonly number[]): number {
  const gaps = values.slice(1).map((value, i) => value - (values[i] ?? NaN));
  const mean = gaps.reduce((a, b) => a + b) / gaps.length;
  return Math.sqrt(gaps.reduce((sum, gap) => sum + (gap / mean - 1) ** 2, 0) / gaps.length);
}

describe('spacedTimesteps', () => {
  it('log-snr: equal steps of the logarithm of the noise level', () => {
    const chosen = spacedTimesteps(fine, 20, 'log-snr');
    expect(unevenness(chosen.map((t) => Math.log(level(t))))).toBeLessThan(0.05);
    expect([chosen[0], chosen.at(-1)]).toEqual([50_000, 1]);
  });

  it('karras: equal steps of the 7th root of the noise level', () => {
    const chosen = spacedTimesteps(fine, 20, 'karras');
    expect(unevenness(chosen.map((t) => level(t) ** (1 / 7)))).toBeLessThan(0.05);
    expect([chosen[0], chosen.at(-1)]).toEqual([50_000, 1]);
  });

  it('wastes no steps on what is noise all the same: the cosine schedule from λ = -5.1', () => {
    const cosine = createNoiseSchedule('cosine', 50_000, { zeroTerminalSnr: true });
    const [first, second = NaN] = spacedTimesteps(cosine, 12, 'log-snr');
    const lambda = (t: number) => Math.log(1 / (1 / (cosine.alphasCumprod[t - 1] ?? NaN) - 1)) / 2;
    expect(first).toBe(50_000);
    expect(Math.abs(lambda(second) - (-5.1 + (lambda(1) + 5.1) / 11))).toBeLessThan(0.01);
  });

  it('trailing: as Table 2 of Lin et al. 2023', () => {
    const schedule = createNoiseSchedule('linear', 1000);
    expect(spacedTimesteps(schedule, 10, 'trailing')).toEqual([1000, 900, 800, 700, 600, 500, 400, 300, 200, 100]);
    expect(spacedTimesteps(schedule, 3, 'trailing')).toEqual([1000, 667, 333]);
  });

  it('even: from T to 1', () => {
    expect(spacedTimesteps(createNoiseSchedule('linear', 1000), 4, 'even')).toEqual([1000, 667, 334, 1]);
  });
});

describe.each(timestepSpacings)('spacing %s', (spacing) => {
  it.each([
    ['linear', {}],
    ['cosine', {}],
    ['cosine', { zeroTerminalSnr: true }],
  ] as const)('gives as many different timesteps as asked for, T first unless leading: %s %j', (name, options) => {
    const schedule = createNoiseSchedule(name, 60, options);
    for (let count = 1; count <= 60; count++) {
      const chosen = spacedTimesteps(schedule, count, spacing);
      expect(chosen).toHaveLength(count);
      expect(chosen[0]).toBe(spacing === 'leading' ? 1 + (count - 1) * Math.floor(60 / count) : 60);
      expect(chosen.every((t, i) => Number.isInteger(t) && t >= 1 && (i === 0 || t < (chosen[i - 1] ?? 0)))).toBe(true);
    }
  });
});
