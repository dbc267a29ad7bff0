import { describe, expect, it } from 'vitest';
import { NULL_LABEL, networkFrom } from '../../src/diffusion/denoiser.js';
import { interpolationFractions, slerp, withMixedLabels } from '../../src/diffusion/interpolation.js';
import { RandomStream } from '../../src/utils/random.js';

const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe('slerp', () => {
  it('turns a unit vector by equal angles', () => {
    const a = Float32Array.of(1, 0);
    const b = Float32Array.of(Math.cos(1.2), Math.sin(1.2));
    for (const fraction of [0, 0.25, 0.5, 1]) {
      const angle = 1.2 * fraction;
      expect(slerp(a, b, fraction)).toBeCloseToTensor([Math.cos(angle), Math.sin(angle)], { atol: 1e-7 });
    }
  });

  it('keeps noise as long as noise is, which the straight line does not', () => {
    const [a, b] = [new Float32Array(784), new Float32Array(784)];
    new RandomStream(1).fillNormal(a);
    new RandomStream(2).fillNormal(b);
    expect(Math.abs(length(slerp(a, b, 0.5)) - (length(a) + length(b)) / 2)).toBeLessThan(0.05);
    expect(length(a.map((value, i) => (value + (b[i] ?? NaN)) / 2))).toBeLessThan(0.75 * length(a));
  });

  it('is the straight line between parallel vectors and from zero', () => {
    expect(slerp(Float32Array.of(1, 2), Float32Array.of(2, 4), 0.5)).toEqual(Float32Array.of(1.5, 3));
    expect(slerp(Float32Array.of(0, 0), Float32Array.of(2, 4), 0.25)).toEqual(Float32Array.of(0.5, 1));
  });

  it('refuses vectors of different length', () => {
    expect(() => slerp(new Float32Array(2), new Float32Array(3), 0.5)).toThrow('Interpolation between 2 and 3 values.');
  });
});

it('fractions go from 0 to 1 in equal steps', () => {
  expect(interpolationFractions(5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(() => interpolationFractions(1)).toThrow('at least 2 frames');
});

describe('withMixedLabels', () => {
  const batches: number[] = [];
  const labelled = networkFrom((x, timesteps, labels) => {
    batches.push(x.shape[0]);
    return Promise.resolve(x.data.map((value, i) => value + 10 * (labels[i] ?? NaN) + (timesteps[i] ?? NaN)));
  });
  const x = { shape: [3, 1, 1, 1], data: Float32Array.of(0.1, 0.2, 0.3) } as const;
  const timesteps = Float32Array.of(1, 2, 3);

  it('mixes the predictions for both labels of each image', async () => {
    const mixed = withMixedLabels(labelled, Int32Array.of(4, 4, NULL_LABEL), [0, 0.25, 1]);
    const found = await mixed(x, timesteps, Int32Array.of(2, 2, 2));
    expect(found).toBeCloseToTensor([21.1, 27.2, -6.7], { rtol: 1e-6 });
    expect(batches.splice(0)).toEqual([6]);
  });

  it('asks once where both labels are the same', async () => {
    const mixed = withMixedLabels(labelled, Int32Array.of(1, 2, 3), [0, 0.5, 1]);
    expect(await mixed(x, timesteps, Int32Array.of(1, 2, 3))).toEqual(
      await labelled(x, timesteps, Int32Array.of(1, 2, 3)),
    );
    expect(batches).toEqual([3, 3]);
  });
});
