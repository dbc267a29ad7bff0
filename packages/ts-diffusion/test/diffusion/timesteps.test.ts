import { describe, expect, it } from 'vitest';
import { evenlySpacedTimesteps } from '../../src/diffusion/timesteps.js';
import golden from '../golden/diffusion.json' with { type: 'json' };

describe('evenlySpacedTimesteps', () => {
  it.each(golden.evenlySpaced)(
    `chooses $count of $timesteps as the linspace spacing of ${golden.origin.versions}`,
    ({ timesteps, count, at }) => {
      expect(evenlySpacedTimesteps(timesteps, count)).toEqual(at);
    },
  );

  it('visits T alone where one step is asked for', () => {
    expect(evenlySpacedTimesteps(1000, 1)).toEqual([1000]);
    expect(evenlySpacedTimesteps(1, 1)).toEqual([1]);
  });

  it('goes on to the finished image where a figure asks for it', () => {
    expect(evenlySpacedTimesteps(1000, 11, 0)).toEqual([1000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
    expect(evenlySpacedTimesteps(5, 3, 0)).toEqual([5, 2, 0]); // 2.5 rounds to even, as NumPy's round
    expect(evenlySpacedTimesteps(2, 3, 0)).toEqual([2, 1, 0]);
  });

  it.each([0, 1.5, 1001, NaN])('refuses %d timesteps of 1..1000', (count) => {
    expect(() => evenlySpacedTimesteps(1000, count)).toThrow(
      `The number of timesteps to choose from 1..1000 must be an integer from 1 to 1000, got ${count}.`,
    );
  });

  it('refuses more columns than there are timesteps', () => {
    expect(() => evenlySpacedTimesteps(4, 6, 0)).toThrow('from 0..4 must be an integer from 1 to 5, got 6.');
  });
});
