import { expect, test } from 'vitest';
import { worstRatio } from '../../src/evaluation/scores/feature-kinds.js';
import { otherCountWarnings } from '../../src/evaluation/scores/scoring.js';

test('the worst ratio passes over floors that measure nothing', () => {
  expect(
    worstRatio([
      { value: 4, floor: 2 },
      { value: 3, floor: 1 },
      { value: 9, floor: 0 },
    ]),
  ).toBe(3);
  expect(worstRatio([{ value: 4, floor: 1e-9 }, { value: 0, floor: 0 }, { value: 1 }])).toBeUndefined();
});

test('a floor of another number of real images than there are samples is told', () => {
  const sets = (real: number, samples: number) => ({
    real: { images: { count: real } },
    samples: { images: { count: samples } },
  });
  expect(otherCountWarnings('The floor', 'the test', sets(5, 5))).toEqual([]);
  expect(otherCountWarnings('The floor', 'the test', sets(5, 9))).toEqual([
    'The floor is of 5 real images, the test of 9.',
  ]);
});
