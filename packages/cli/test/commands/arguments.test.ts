import { expect, test } from 'vitest';
import { integerList, labelSelection, resolveLabels } from '../../src/options/arguments.js';

test.each([
  ['all', [3, 7]],
  ['none', [-1]],
  ['3,3,7', [3, 3, 7]],
  ['0-9', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['0-2, 8,5-5', [0, 1, 2, 8, 5]],
])('labels %s of a model that has seen 3 and 7', (text, labels) => {
  expect(resolveLabels(labelSelection(text), { seenClasses: [3, 7] })).toEqual(labels);
});

test.each(['', 'x', '1,', '3-1', '-1', '1.5', '1-2-3', '999999999'])('labels "%s" are refused', (text) => {
  expect(() => resolveLabels(labelSelection(text), { seenClasses: [3, 7] })).toThrow(
    'labels and ranges such as 3,3,7 or 0-9',
  );
});

test.each([
  ['cat,dog,cat', [1, 3, 1]],
  ['t-shirt', [4]],
  ['7, 0', [2, 0]], // by name, not by label
  ['0-1', [0, 1]],
  ['ку\u0438\u0306', [5]], // decomposed, as macOS writes it
  ['none', [-1]],
])('labels %s of classes with names', (text, labels) => {
  const classNames = ['0', 'cat', '7', 'dog', 't-shirt', 'ку\u0439'];
  expect(resolveLabels(labelSelection(text), { seenClasses: [0, 1], classNames })).toEqual(labels);
});

test('a name that no class has: the names there are', () => {
  const classes = { seenClasses: [0, 1], classNames: ['cat', 'dog'] };
  expect(() => resolveLabels(labelSelection('cat,cow'), classes)).toThrow(
    '"cow" is no class of this model (its classes: cat, dog)',
  );
});

test('lists of integers', () => {
  expect(integerList(0)('10,5, 0')).toEqual([10, 5, 0]);
  expect(() => integerList(0)('10,,0')).toThrow('Expected an integer');
});
