import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Executor } from '../../src/sweep/running/executor.js';
import { runTasks } from '../../src/sweep/running/run-tasks.js';
import type { Task, TaskEnd } from '../../src/sweep/running/task.js';

const task = (id: string, ...needs: string[]): Task => ({
  ...{ id, name: id, command: [], output: id, needs, work: 1, begun: 0, phase: '' },
});

/** Runs tasks whose ends are known, a few milliseconds each. @returns what happened, in order */
async function follow(
  tasks: readonly Task[],
  slots: number,
  endOf: (id: string) => TaskEnd = () => ({ type: 'done' }),
  stop = new AbortController(),
) {
  const happened: string[] = [];
  let [running, most] = [0, 0];
  const executor: Executor = {
    slots,
    run: async ({ id }) => {
      most = Math.max(most, ++running);
      await delay(id.length);
      running--;
      return stop.signal.aborted ? { type: 'stopped' } : endOf(id);
    },
    close: () => Promise.resolve(),
  };
  const ends = await runTasks(tasks, executor, stop.signal, {
    onStart: ({ id }) => happened.push(`start ${id}`),
    onProgress: () => undefined,
    onEnd: ({ id }, { type }) => {
      happened.push(`${type} ${id}`);
      if (id === 'stop') stop.abort();
    },
  });
  return { happened, ends, most };
}

test('each task once, in order, after what it needs, as many at once as there are slots', async () => {
  const tasks = [task('t1'), task('c1', 't1'), task('t2'), task('c2', 't2', 't1'), task('c3', 'elsewhere')];
  const one = await follow(tasks, 1);
  expect(one.happened).toEqual(['t1', 'c1', 't2', 'c2', 'c3'].flatMap((id) => [`start ${id}`, `done ${id}`]));
  const many = await follow(tasks, 3);
  expect(many.most).toBe(3);
  expect(many.ends.size).toBe(5);
  const at = (text: string): number => many.happened.indexOf(text);
  expect(at('start c1')).toBeGreaterThan(at('done t1'));
  expect(at('start c2')).toBeGreaterThan(Math.max(at('done t1'), at('done t2')));
});

test('what needs a failed task fails with its error and is not started; the rest goes on', async () => {
  const tasks = [task('t1'), task('c1', 't1'), task('d1', 'c1'), task('t2'), task('c2', 't2')];
  const error = { type: 'failed', error: 'the disk is full' } as const;
  const { happened, ends } = await follow(tasks, 2, (id) => (id === 't1' ? error : { type: 'done' }));
  expect(['t1', 'c1', 'd1', 't2', 'c2'].map((id) => ends.get(id))).toEqual([
    error,
    error,
    error,
    { type: 'done' },
    { type: 'done' },
  ]);
  expect(happened).not.toContain('start c1');
});

test('once it is to stop nothing more is started, and what runs is waited for', async () => {
  const tasks = [task('stop'), task('a long one'), task('never')];
  const { happened, ends } = await follow(tasks, 2);
  expect(happened).toEqual(['start stop', 'start a long one', 'done stop', 'stopped a long one']);
  expect(ends.has('never')).toBe(false);
});
