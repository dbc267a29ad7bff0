import { describe, expect, it } from 'vitest';
import { input, mul, reduceSum, toArray, toImage } from '../../src/graph/index.js';
import { countDropped, dropoutByMask, fillDropoutMask } from '../../src/nn/dropout.js';
import { RandomStream } from '../../src/utils/random.js';
import { evaluate } from '../graph/reference-interpreter.js';

describe('a dropout mask', () => {
  it.each([0.1, 0.5, 0.77])('drops a share of %d, independently, and keeps the mean', (probability) => {
    const mask = new Float32Array(40_001);
    fillDropoutMask(mask, probability, new RandomStream(7));
    const dropped = mask.filter((factor) => factor === 0).length;
    const deviation = Math.sqrt(mask.length * probability * (1 - probability));
    expect(Math.abs(dropped - mask.length * probability)).toBeLessThan(4 * deviation);
    for (const factor of new Set(mask)) if (factor !== 0) expect(factor).toBeCloseTo(1 / (1 - probability), 3);
    // Neighbours share a random word: the number of times both are dropped tells whether they share more.
    const both = mask.filter((factor, i) => factor === 0 && mask[i + 1] === 0).length;
    const expected = mask.length * probability ** 2;
    expect(Math.abs(both - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });

  it('gives every call its own factors', () => {
    const x = input('x', [1, 2, 1, 1]);
    const build = (dropout: (x: ReturnType<typeof toImage>) => ReturnType<typeof toImage>) => {
      const once = dropout(toImage(x));
      return mul(once, dropout(toImage(x)));
    };
    expect(countDropped(build)).toBe(4);
    const output = reduceSum(toArray(build(dropoutByMask(4))), [0, 2, 3]);
    const [values] = evaluate([output], { x: [10, 20], dropoutMask: [1, 2, 3, 4] });
    expect(values).toBeCloseToTensor([10 * 10 * 1 * 3, 20 * 20 * 2 * 4], {});
  });
});
