import { expect, test } from 'vitest';
import { integerList, labelSelection, resolveLabels } from '../../src/options/arguments.js';

test.each([
  ['all', 4, [0, 1, 2, 3]],
  ['none', 4, [-1]],
  ['3,3,7', 10, [3, 3, 7]],
  ['0-9', 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['0-2, 8,5-5', 10, [0, 1, 2, 8, 5]],
])('labels %s of %d classes', (text, classes, labels) => {
  expect(resolveLabels(labelSelection(text), classes)).toEqual(labels);
});

test.each(['', 'x', '1,', '3-1', '-1', '1.5', '1-2-3', '999999999'])('labels "%s" are refused', (text) => {
  expect(() => labelSelection(text)).toThrow('labels and ranges such as 3,3,7 or 0-9');
});

test('lists of integers', () => {
  expect(integerList(0)('10,5, 0')).toEqual([10, 5, 0]);
  expect(() => integerList(0)('10,,0')).toThrow('Expected an integer');
});
