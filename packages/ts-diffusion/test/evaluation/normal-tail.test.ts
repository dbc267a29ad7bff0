import { describe, expect, it } from 'vitest';
import { logProbabilityBetween, logUpperTail } from '../../src/evaluation/normal-tail.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

describe('logUpperTail', () => {
  it('equals log_ndtr of SciPy from one end to the other', () => {
    const { x, logUpperTail: expected } = golden.normalTails;
    expect(x.map(logUpperTail)).toBeCloseToTensor(expected, { rtol: 3e-14 });
    expect(logUpperTail(Infinity)).toBe(-Infinity);
    expect(logUpperTail(-Infinity)).toBeCloseTo(0, 15);
  });
});

describe('logProbabilityBetween', () => {
  it('adds up to certainty over bins that cover the line', () => {
    const edges = [-Infinity, -3, -2.99, -1, 0, 0.004, 1.5, 40, Infinity];
    const total = edges
      .slice(1)
      .reduce((sum, edge, i) => sum + Math.exp(logProbabilityBetween(edges[i] ?? NaN, edge)), 0);
    expect(total).toBeCloseTo(1, 14);
  });

  it('is the density times the width of a narrow bin, in either tail, where probabilities underflow', () => {
    const width = 1e-6;
    for (const x of [-60, -5, 0, 0.5, 60]) {
      const expected = -(x ** 2) / 2 - Math.log(2 * Math.PI) / 2 + Math.log(width);
      expect(logProbabilityBetween(x - width / 2, x + width / 2)).toBeCloseTo(expected, 7);
    }
  });
});
