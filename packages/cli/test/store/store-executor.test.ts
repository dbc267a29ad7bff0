import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shardEvaluation } from '../../src/queue/evaluation-shards.js';
import type { Executor } from '../../src/sweep/running/executor.js';
import type { Task } from '../../src/sweep/running/task.js';
import { FolderStore } from '../../src/store/folder-store.js';
import { StoreExecutor } from '../../src/store/store-executor.js';
import { identityOf } from '../../src/store/store-identity.js';
import { StoreWorkplace } from '../../src/store/store-workplace.js';
import { isComplete, outputsOf, withInputs } from '../../src/store/task-files.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-executor-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const task = (command: readonly string[]): Task => ({
  ...{ id: 'key', name: 'scoring', command, output: 'cells/key', needs: [], work: 1, begun: 0, phase: 'sampling' },
});
const scored = task(['evaluate', '--receipt', 'cells/key/receipt.json']);
const kept = task([
  ...['evaluate', '--save', 'cells/key/samples', '--pictures', 'cells/key/pictures'],
  ...['--receipt', 'cells/key/receipt.json'],
]);
const run = { signal: new AbortController().signal, onProgress: () => undefined };

test('images that a plan keeps come back from the store, also where the cell was scored before without them', async () => {
  const store = await FolderStore.open(join(root, 'store'));
  const sweep = { id: await identityOf(store), path: join(root, 'sweep') };
  const workplace = await StoreWorkplace.open(store, join(root, 'worker'));
  const made: string[] = [];
  // A worker of one job at a time, whose command writes a word into each of its files.
  const worker: Executor = {
    slots: 1,
    run: async (given) => {
      const artifacts = workplace.artifactsOf(sweep);
      const folder = await artifacts.prepare(given, () => Promise.resolve());
      for (const output of outputsOf(given)) {
        const path = join(folder, output.includes('.') ? output : `${output}/images`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, output);
      }
      await artifacts.publish(given, true);
      made.push(given.command.join(' '));
      return { type: 'done' };
    },
    close: () => Promise.resolve(),
  };
  const executor = new StoreExecutor(worker, store, sweep.path, new Map());
  try {
    for (const each of [scored, scored, kept, kept]) expect(await executor.run(each, run)).toEqual({ type: 'done' });
    expect(made).toEqual([scored, kept].map(({ command }) => command.join(' ')));
    for (const file of ['receipt.json', 'samples/images', 'pictures/images']) {
      expect(existsSync(join(sweep.path, 'cells/key', file)), file).toBe(true);
    }
  } finally {
    workplace.close();
  }
});

test('a film strip is an output beside its picture', () => {
  const { command, output } = task(['sample', '--steps-strip', '--out', 'cells/key/reverse.png']);
  expect(outputsOf({ command, output })).toEqual(['cells/key/reverse.png', 'cells/key/reverse-steps.png']);
  expect(isComplete({ command, output }, ['cells/key/reverse.png'])).toBe(false);
});

test('networks of scores are sent to the workers', () => {
  const options = ['--evaluator', '--feature-network', '--second-feature-network', '--inception-weights', '--training'];
  const command = ['evaluate', ...options.flatMap((option) => [option, '/here'])];
  expect(withInputs(command, () => 'inputs/a')).toEqual([
    'evaluate',
    ...options.flatMap((option) => [option, 'inputs/a']),
  ]);
});

test('shards are removed from the store once they are merged', async () => {
  const store = await FolderStore.open(join(root, 'store'));
  const sweep = { id: await identityOf(store), path: join(root, 'sweep') };
  const workplace = await StoreWorkplace.open(store, join(root, 'worker'));
  const make = async (given: Task): Promise<void> => {
    const artifacts = workplace.artifactsOf(sweep);
    const folder = await artifacts.prepare(given, () => Promise.resolve());
    const [output = ''] = outputsOf(given);
    const path = join(folder, given.command[0] === 'merge' ? output : `${output}/${given.id}.safetensors`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, given.id);
    await artifacts.publish(given, true);
  };
  // As the workers of a queue do it.
  const worker: Executor = {
    slots: Infinity,
    run: async (given) => {
      const { shards, merge } = shardEvaluation(given, 2);
      for (const each of [...shards, merge]) await make(each);
      return { type: 'done' };
    },
    close: () => Promise.resolve(),
  };
  const executor = new StoreExecutor(worker, store, sweep.path, new Map(), 2);
  try {
    expect(await executor.run({ ...scored, images: 600 }, run)).toEqual({ type: 'done' });
    expect(readdirSync(join(root, 'store/references')).sort()).toEqual(['folder-id', 'key']);
    const blobs = readdirSync(join(root, 'store/blobs')).filter(
      (key) => readdirSync(join(root, 'store/blobs', key)).length > 0,
    );
    expect(blobs).toEqual(['key']);
  } finally {
    workplace.close();
  }
});
