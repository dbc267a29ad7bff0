import { expect, test } from 'vitest';
import { integerList, labelSelection, resolveLabels } from '../../src/options/arguments.js';

test.each([
  ['all', [3, 7]],
  ['none', [-1]],
  ['3,3,7', [3, 3, 7]],
  ['0-9', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['0-2, 8,5-5', [0, 1, 2, 8, 5]],
])('labels %s of a model that has seen 3 and 7', (text, labels) => {
  expect(resolveLabels(labelSelection(text), [3, 7])).toEqual(labels);
});

test.each(['', 'x', '1,', '3-1', '-1', '1.5', '1-2-3', '999999999'])('labels "%s" are refused', (text) => {
  expect(() => labelSelection(text)).toThrow('labels and ranges such as 3,3,7 or 0-9');
});

test('lists of integers', () => {
  expect(integerList(0)('10,5, 0')).toEqual([10, 5, 0]);
  expect(() => integerList(0)('10,,0')).toThrow('Expected an integer');
});
