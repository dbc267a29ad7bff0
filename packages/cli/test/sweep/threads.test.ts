import { expect, test } from 'vitest';
import { defaultThreads } from '../../../ts-diffusion/src/entries/node.js';
import { threadsOfEach } from '../../src/sweep/running/threads.js';

test.each([
  [8, 1, 8],
  [8, 3, 2],
  [4, 4, 1],
])('%i threads of %i jobs are %i of each', (all, jobs, each) => {
  expect(threadsOfEach(all, jobs)).toBe(each);
});

test('the threads of all cores are shared, and each job has one at least', () => {
  expect(threadsOfEach(0, 1)).toBe(defaultThreads());
  expect(threadsOfEach(0, 256)).toBe(1);
});

test('fewer threads than jobs are refused', () => {
  expect(() => threadsOfEach(4, 8)).toThrow(
    '--threads 4 is fewer than --jobs 8, and each job takes a thread; give at most --jobs 4, or at least --threads 8.',
  );
});
