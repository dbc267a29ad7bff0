import { expect, test } from 'vitest';
import { nearestName } from '../../src/utils/nearest-name.js';

const names = ['samplingSteps', 'sampler', 'spacing', 'seed', 'eta'];

test.each([
  ['samplingStep', 'samplingSteps'],
  ['samplingsteps', 'samplingSteps'],
  ['smapler', 'sampler'],
  ['spacng', 'spacing'],
  ['seeed', 'seed'],
  ['colour', undefined],
  ['beta', 'eta'],
])('%s means %s', (wrong, meant) => {
  expect(nearestName(wrong, names)).toBe(meant);
});
