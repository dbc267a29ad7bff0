import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFileAtomic } from '../../../ts-diffusion/src/node/files/atomic-file.js';
import { encodeCheckpoint } from '../../../ts-diffusion/src/training/checkpoint-format.js';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import { tinyCheckpoint } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import type { Executor } from '../../src/sweep/running/executor.js';
import type { Task, TaskEnd } from '../../src/sweep/running/task.js';
import { roundRunner } from '../../src/training/replicas/run-round.js';
import { SliceFiles } from '../../src/training/replicas/slice-files.js';

const given = tinyCheckpoint();
const config = resolveTrainConfig('paper', { ...given.config, steps: 8, replicas: 3, syncEvery: 2, data: 'embedded' });
/** The run after step 4. */
const start = { ...given, config, step: 4 };
const STEP = 6;

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'round-'));
});
afterEach(() => {
  rmSync(run, { recursive: true });
});

const replicaOf = ({ output }: Task): number => Number(output.replace('replica-', ''));

/** What a worker leaves: the loss tells who made it. */
function finish(task: Task): TaskEnd {
  const replica = replicaOf(task);
  const slice = { key: task.id, losses: [replica, replica] };
  writeFileAtomic(new SliceFiles(run, replica).finished(STEP), encodeCheckpoint({ ...start, step: STEP, slice }));
  return { type: 'done' };
}

/** Runs a round on workers that do what is said. @returns results, tasks in the order of their runs, messages */
async function round(work: (task: Task, times: number) => TaskEnd, signal = new AbortController().signal) {
  const ran: string[] = [];
  const messages: string[] = [];
  const executor: Executor = {
    slots: 2,
    run: (task) => {
      ran.push(task.output);
      return Promise.resolve(work(task, ran.filter((each) => each === task.output).length));
    },
    close: () => Promise.resolve(),
  };
  const steps: number[] = [];
  const onProgress = (step: number): number => steps.push(step);
  const runRound = roundRunner({ run, config, executor, onProgress, onMessage: (text) => messages.push(text) });
  const results = await runRound({ start, lastStep: STEP, signal });
  return { losses: results && Array.from(results, ({ losses }) => losses[0]), ran, messages };
}

test('a slice whose worker is lost is run again; the results come by replica; what is finished is not run', async () => {
  const lost = { type: 'failed', error: 'The process ended early (SIGKILL).' } as const;
  const first = await round((task, times) => (replicaOf(task) === 1 && times === 1 ? lost : finish(task)));
  expect(first).toMatchObject({ losses: [1, 2, 3], ran: ['replica-1', 'replica-2', 'replica-3', 'replica-1'] });
  expect(first.messages).toEqual([expect.stringContaining('replica 1, steps 5 to 6 failed and is tried again')]);
  expect(await round(finish)).toMatchObject({ losses: [1, 2, 3], ran: [] });
});

test('a slice that fails twice ends the round in its own words, with what is kept', async () => {
  const failure = round((task) => (replicaOf(task) === 2 ? { type: 'failed', error: 'No images.' } : finish(task)));
  await expect(failure).rejects.toThrow(
    `replica 2, steps 5 to 6 failed: No images. The weights of step 4 are kept in ${run}; diffusion train --resume goes on`,
  );
});

test('a result of other common weights is not taken for one of these, and a damaged one is made again', async () => {
  await round(finish);
  const path = new SliceFiles(run, 1).finished(STEP);
  writeFileAtomic(path, encodeCheckpoint({ ...start, step: STEP, slice: { key: 'of other weights', losses: [9, 9] } }));
  writeFileAtomic(new SliceFiles(run, 3).finished(STEP), 'torn');
  expect(await round(finish)).toMatchObject({ losses: [1, 2, 3], ran: ['replica-1', 'replica-3'] });
});

test('a round that is stopped has no results', async () => {
  const stop = new AbortController();
  const stopped = await round((task) => {
    stop.abort();
    return replicaOf(task) === 1 ? finish(task) : { type: 'stopped' };
  }, stop.signal);
  expect(stopped.losses).toBeUndefined();
});

test('files that no later round reads are removed: all but those of the two newest averages, and of this round', async () => {
  const names = ['step-000000', 'step-000002', 'step-000004', 'step-000004.unfinished', 'step-000006.unfinished'];
  for (const name of names) writeFileAtomic(join(run, 'replica-1', `${name}.safetensors`), 'x');
  writeFileAtomic(join(run, 'replica-1', '.step-000006.safetensors.7-0.tmp'), 'x');
  await round(finish);
  expect(readdirSync(join(run, 'replica-1')).sort()).toEqual(
    ['step-000002', 'step-000004', 'step-000006', 'step-000006.unfinished'].map((name) => `${name}.safetensors`),
  );
});
