import { expect, test } from 'vitest';
import { checkJob } from '../../src/queue/check-job.js';
import { shardEvaluation } from '../../src/queue/evaluation-shards.js';
import type { Task } from '../../src/sweep/running/task.js';

const evaluation: Task = {
  ...{
    id: '0a1b',
    name: 'scoring, ω = -1',
    output: 'cells/0a1b',
    needs: ['2c3d'],
    work: 1,
    begun: 0,
    phase: 'sampling',
  },
  command: ['evaluate', '--run', 'trainings/2c3d', '--omega', '-0.5', '--receipt', 'cells/0a1b/receipt.json'],
  inputs: ['input-00ff', 'config-00ff'],
};
const job = (changes: Partial<Task>, more: object = {}): unknown => ({
  ...{ task: { ...evaluation, ...changes }, folder: { id: 'f00', path: '/mnt/sweep' }, version: '1.2.3', ...more },
});

test('jobs of sweeps and of replicas are taken', () => {
  const { shards, merge } = shardEvaluation(evaluation, 2);
  const slice = { command: ['train', '--run', '.', '--replica', '2', '--from-step', '0'], output: 'replica-2' };
  for (const task of [{}, merge, ...shards, slice])
    expect(() => {
      checkJob(job(task));
    }).not.toThrow();
});

test.each<[string, Partial<Task>, object?]>([
  ['another command', { command: ['studio', '--host', '0.0.0.0'] }],
  ['no command', { command: [] }],
  ['an option before the command', { command: ['--version', 'train'] }],
  ['a file elsewhere', { command: ['sample', '--out', '/etc/x.png'] }],
  ['a file above', { command: ['evaluate', '--receipt', 'cells/../../x.json'] }],
  ['samples elsewhere', { command: ['evaluate', '--save', '/home/me'] }],
  ['a run elsewhere', { command: ['train', '--run', '../other', '--resume'] }],
  ['a short option', { command: ['sample', '-o', '/etc/x.png'] }],
  ['a short option and its value in one', { command: ['sample', '-o/etc/x.png'] }],
  ['an option with =', { command: ['sample', '--out=/etc/x.png'] }],
  ['an output above', { output: '..' }],
  ['an output of Windows above', { output: 'cells\\..\\..' }],
  ['a key that is a path', { id: '../../x' }],
  ['a needed key that is a path', { needs: ['..'] }],
  ['an input that is a path', { inputs: ['a/b'] }],
  ['a folder whose id is a path', {}, { folder: { id: '../x', path: '/' } }],
  ['threads without end', {}, { threads: 1e9 }],
])('a job with %s is refused', (_, changes, more) => {
  expect(() => {
    checkJob(job(changes, more));
  }).toThrow(/^The job is none of a sweep: .* Find out who put it into the queue\.$/);
});

test('what is no job is refused', () => {
  for (const data of [undefined, {}, { task: {} }])
    expect(() => {
      checkJob(data);
    }).toThrow(/^The job is none of a sweep: /);
});
