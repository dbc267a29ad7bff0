import { Command } from 'commander';
import { expect, test } from 'vitest';
import { configureEvaluate } from '../../src/commands/evaluate.js';
import { configureSample } from '../../src/commands/sample.js';
import { countsOf } from '../../src/options/image-count.js';

test.each([
  [{}, 3, [10, 10, 10]],
  [{ perClass: 4 }, 3, [4, 4, 4]],
  [{ count: 12 }, 3, [4, 4, 4]],
  [{ count: 11 }, 3, [4, 4, 3]],
  [{ count: 2 }, 3, [1, 1, 0]],
])('%j of %d classes', (flags, classes, counts) => {
  expect(countsOf(flags, classes, 10)).toEqual(counts);
});

test('sample and evaluate say the same of -n and --per-class', () => {
  const [sample, evaluate] = [configureSample, configureEvaluate].map((configure) => {
    const command = new Command();
    configure(command);
    return command.options
      .filter(({ long }) => long === '--count' || long === '--per-class')
      .map(({ flags, description }) => [flags, description.replace(/; default.*/, '')]);
  });
  expect(sample).toEqual([
    ['-n, --count <n>', 'images in all, shared out evenly among the classes'],
    ['--per-class <n>', 'images of each class instead'],
  ]);
  expect(evaluate).toEqual(sample);
});
