import { describe, expect, it } from 'vitest';
import { batchIndices } from '../../src/data/batches.js';
import { toModelRange } from '../../src/utils/pixel-range.js';
import { toBytes } from '../../src/utils/pixel-range.js';

/** The indices of steps 0..steps-1, one after the other. */
const stream = (seed: number, steps: number, batchSize: number, count: number): number[] =>
  Array.from({ length: steps }, (_, step) => [...batchIndices(seed, step, batchSize, count)]).flat();

describe('batchIndices', () => {
  it.each([
    [10, 5],
    [10, 4], // batches straddle epochs
    [10, 7],
    [3, 8], // a batch holds several epochs
    [1, 4],
  ])('shows each of %i images once per epoch in batches of %i', (count, batchSize) => {
    const indices = stream(1, 5 * count, batchSize, count);
    for (let epoch = 0; epoch < 5 * batchSize; epoch++) {
      const seen = indices.slice(epoch * count, (epoch + 1) * count).sort((a, b) => a - b);
      expect(seen).toEqual(Array.from({ length: count }, (_, i) => i));
    }
  });

  it('is a pure function of its arguments, whatever was asked before', () => {
    const forwards = Array.from({ length: 20 }, (_, step) => batchIndices(7, step, 32, 100));
    for (let step = 19; step >= 0; step--) {
      batchIndices(8, step, 16, 50);
      expect(batchIndices(7, step, 32, 100)).toEqual(forwards[step]);
    }
  });

  it('draws the same order whatever the batch size', () => {
    expect(stream(3, 30, 10, 60)).toEqual(stream(3, 50, 6, 60));
  });

  it('reshuffles each epoch and for each seed', () => {
    const [first, second, other] = [
      batchIndices(1, 0, 100, 100),
      batchIndices(1, 1, 100, 100),
      batchIndices(2, 0, 100, 100),
    ];
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(other);
  });

  it('never hands out its cache', () => {
    const first = batchIndices(1, 0, 10, 10);
    const copy = first.slice();
    first.fill(0);
    expect(batchIndices(1, 0, 10, 10)).toEqual(copy);
  });

  it('refuses an empty data set', () => {
    expect(() => batchIndices(1, 0, 32, 0)).toThrow('at least one image');
  });
});

describe('toModelRange', () => {
  it('maps 0..255 to [-1, 1] by x / 127.5 - 1 and is undone by toBytes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const range = toModelRange(bytes);
    expect([range[0], range[51], range[204], range[255]]).toEqual([-1, Math.fround(-0.6), Math.fround(0.6), 1]);
    expect(toBytes(range)).toEqual(bytes);
  });
});
