import { expect, test } from 'vitest';
import { splitEvenly } from '../../src/pipeline/batches.js';

test.each([
  [1, 128, [1]],
  [128, 128, [128]],
  [129, 128, [65, 64]],
  [300, 128, [100, 100, 100]],
  [10, 3, [3, 3, 2, 2]],
  [0, 3, []],
])('%d images in batches of at most %d', (count, largest, sizes) => {
  const spans = splitEvenly(count, largest);
  expect(spans.map((span) => span.count)).toEqual(sizes);
  let next = 0;
  for (const span of spans) {
    expect(span.first).toBe(next);
    next += span.count;
  }
  expect(next).toBe(count);
});
