import { expect, test } from 'vitest';
import { shardCount, shardEvaluation } from '../../src/queue/evaluation-shards.js';
import { jobPriority } from '../../src/queue/job.js';
import type { Task } from '../../src/sweep/running/task.js';

const task: Task = {
  ...{
    id: 'key',
    name: 'scoring',
    output: 'cells/key',
    needs: [],
    work: 10,
    begun: 0,
    phase: 'sampling',
    images: 1000,
  },
  command: ['evaluate', '--run', 'trainings/t', '--receipt', 'cells/key/receipt.json', '--count', '1000'],
};

test('an evaluation has a shard for each 2,500 images, and no more than it has batches', () => {
  expect([20, 2500, 10_000, 50_000].map((images) => shardCount(images))).toEqual([1, 1, 4, 20]);
  // 520 images are two batches of up to 260, or three of 256 and less: never more shards than batches.
  expect(shardCount(520, 100)).toBeLessThanOrEqual(3);
  expect(shardCount(520, 2)).toBe(2);
  expect(shardCount(10, 100)).toBe(1);
});

test('shards write statistics in place of the receipt, which their merge writes', () => {
  const { shards, merge } = shardEvaluation(task, 2);
  expect(shards.map(({ command }) => command.join(' '))).toEqual([
    'evaluate --run trainings/t --count 1000 --statistics cells/key/shards-2 --shard 1/2',
    'evaluate --run trainings/t --count 1000 --statistics cells/key/shards-2 --shard 2/2',
  ]);
  expect(new Set([...shards, merge].map(({ id }) => id)).size).toBe(3);
  expect(merge.command.join(' ')).toBe('merge cells/key/shards-2 --receipt cells/key/receipt.json');
  expect(merge.id).toBe('key');
});

test('the sweep with the lower number goes first; within one, what is begun is finished first', () => {
  const inOrder = [
    jobPriority('merge', 1),
    jobPriority('evaluate', 1),
    jobPriority('train', 1),
    jobPriority('merge', 2),
    jobPriority('train', 1000),
  ];
  expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
  expect(new Set(inOrder).size).toBe(5);
  expect(inOrder[0]).toBeGreaterThanOrEqual(1);
});
