import { describe, expect, it } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { reverseTransition } from '../../src/diffusion/reverse-transition.js';

const schedule = createNoiseSchedule('linear', 100);
const at = (values: Float64Array, t: number) => values[t - 1] ?? NaN;

describe('reverseTransition', () => {
  it("between neighbours has the schedule's own values", () => {
    const { alpha, beta, posteriorVariance } = reverseTransition(schedule, 37, 36);
    expect(alpha).toBe(at(schedule.alphas, 37));
    expect(beta).toBe(at(schedule.betas, 37));
    expect(posteriorVariance).toBeCloseTo(at(schedule.posteriorVariance, 37), 15);
  });

  it.each([
    [5, 3],
    [100, 1],
    [2, 0],
  ])('from %i to %i composes the single steps between', (t, previous) => {
    // Iterating x <- √α x + √(1 - α) ε multiplies what is kept of the signal's variance by each α.
    let kept = 1;
    for (let i = previous + 1; i <= t; i++) kept *= at(schedule.alphas, i);
    const { alpha, beta } = reverseTransition(schedule, t, previous);
    expect([alpha, beta]).toBeCloseToTensor([kept, 1 - kept], { rtol: 1e-12 });
  });

  it('has the posterior variance of Bayes: precisions of x_t given x_s and of x_s given x_0 add up', () => {
    const { alpha, beta, sigmaPrevious, posteriorVariance } = reverseTransition(schedule, 80, 30);
    const precision = alpha / beta + 1 / sigmaPrevious ** 2;
    expect(posteriorVariance).toBeCloseTo(1 / precision, 12);
  });

  it('measures steps in λ, infinite to and from the ends', () => {
    const { logSnrStep, signal, sigma, signalPrevious, sigmaPrevious } = reverseTransition(schedule, 80, 30);
    expect(Math.exp(logSnrStep)).toBeCloseTo(((signalPrevious / sigmaPrevious) * sigma) / signal, 10);
    expect(reverseTransition(schedule, 1, 0).logSnrStep).toBe(Infinity);
    const zero = createNoiseSchedule('cosine', 10, { zeroTerminalSnr: true });
    expect(reverseTransition(zero, 10, 5).logSnrStep).toBe(Infinity);
  });

  it.each([
    ['linear', {}, 1000],
    ['linear', {}, 4000],
    ['cosine', {}, 1000],
    ['sigmoid', {}, 1000],
    ['linear', { zeroTerminalSnr: true }, 1000],
    ['cosine', { zeroTerminalSnr: true }, 1000],
  ] as const)(
    'is singular where the noise level falls to less than a 20th, whatever is left at T: %s %j, T = %i',
    (name, options, T) => {
      const each = createNoiseSchedule(name, T, options);
      const level = (t: number) => (t === 0 ? 0 : Math.sqrt(1 / at(each.alphasCumprod, t) - 1));
      for (const t of [T, T - 1, T / 2, 100, 2, 1]) {
        for (const previous of [T - 1, T - 50, T / 4, 50, 1, 0]) {
          if (previous >= t) continue;
          const expected = level(t) === Infinity || level(t) > 20 * level(previous);
          expect(reverseTransition(each, t, previous).singular, `${t} to ${previous}`).toBe(expected);
        }
      }
    },
  );

  it.each([
    [5, 5],
    [5, 6],
    [5, -1],
    [5, 2.5],
  ])('refuses %i to %d', (t, previous) => {
    expect(() => reverseTransition(schedule, t, previous)).toThrow(
      `A reverse step from timestep 5 must arrive at one of 0..4, got ${previous}.`,
    );
  });
});
