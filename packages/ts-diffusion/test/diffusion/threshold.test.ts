import { describe, expect, it } from 'vitest';
import { createThreshold } from '../../src/diffusion/threshold.js';
import golden from '../golden/samplers.json' with { type: 'json' };

describe('dynamic thresholding', () => {
  it.each(golden.thresholds)(
    `equals DDPMScheduler of ${golden.origin.versions}: percentile $percentile`,
    ({ percentile, x0, out }) => {
      const given = Float32Array.from(x0);
      const found = createThreshold({ dynamicThreshold: percentile })(given, 20);
      expect(found).toBeCloseToTensor(out, { rtol: 1e-6 });
      expect(given).toEqual(Float32Array.from(x0));
    },
  );

  it.each([0, 1.1, NaN])('refuses percentile %d', (percentile) => {
    expect(() => createThreshold({ dynamicThreshold: percentile })).toThrow(
      `The percentile of dynamic thresholding must be a fraction in (0, 1], got ${percentile}.`,
    );
  });
});

it('clips, or leaves alone, or refuses to do both', () => {
  const x0 = Float32Array.of(-3, -1, 0.25, 1, 2);
  expect(createThreshold({ clipX0: true })(x0, 5)).toEqual(Float32Array.of(-1, -1, 0.25, 1, 1));
  expect(createThreshold({})(x0, 5)).toBe(x0);
  expect(() => createThreshold({ clipX0: true, dynamicThreshold: 0.9 })).toThrow('not both');
});
