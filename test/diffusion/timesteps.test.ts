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

  it.each([0, 1.5, 1001, NaN])('refuses %d steps of 1000', (count) => {
    expect(() => evenlySpacedTimesteps(1000, count)).toThrow(
      `The number of sampling steps must be an integer from 1 to T = 1000, got ${count}.`,
    );
  });
});
