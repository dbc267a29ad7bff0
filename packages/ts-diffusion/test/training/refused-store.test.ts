import { beforeAll, expect, test } from 'vitest';
import { resolveDistillConfig } from '../../src/distillation/distill-config.js';
import { distill } from '../../src/distillation/distill-run.js';
import { Distiller } from '../../src/distillation/distiller.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { ProgramSource, Runtime } from '../../src/runtime/types.js';
import { replicaDefaults } from '../../src/training/replica-config.js';
import { trainReplicas } from '../../src/training/replicated-training.js';
import { train } from '../../src/training/training-run.js';
import { WriteError } from '../../src/utils/errors.js';
import { tinyTeacher } from '../distillation/tiny-teacher.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

let native: Runtime;
beforeAll(async () => {
  native = await createNodeRuntime({ threads: 1 });
});

/** The native runtime, counting the programs that nobody has released. @param refused the compilation that fails, 1-based */
function countingRuntime(refused = Infinity) {
  let compiled = 0;
  let open = 0;
  const compile = async (source: ProgramSource) => {
    if (++compiled === refused) throw new Error('no memory for this program');
    const program = await native.compile(source);
    open++;
    const dispose = (): Promise<void> => {
      open--;
      return program.dispose();
    };
    const [run, readState] = [program.run.bind(program), program.readState.bind(program)];
    return { run, readState, writeState: program.writeState.bind(program), dispose };
  };
  const runtime: Runtime = { ...{ device: native.device, threads: 1, version: native.version }, compile };
  return { runtime, compiled: () => compiled, open: () => open };
}

const path = 'a full disk';
const fullDisk = (): never => {
  throw new WriteError(`cannot write ${path}/metrics.jsonl: the disk is full`);
};
const refusing = { path, hasCheckpoint: false, openMetrics: fullDisk, writeCheckpoint: fullDisk };
const closing = {
  ...refusing,
  openMetrics: () => ({ append: () => undefined, flush: () => undefined, close: fullDisk }),
};

const dataset = tinyDataset();
const validated = tinyConfig({ validateEvery: 4, validation: 0.2, steps: 4 });
const distillation = resolveDistillConfig({
  ...{ updates: 2, batchSize: 4, regressionUpdates: 1, regressionImages: 4, sampleEvery: 0 },
});
const runRound = () => Promise.resolve(undefined);

type Store = typeof refusing | typeof closing;
const runs: readonly [string, programs: number, (runtime: Runtime, store: Store) => AsyncGenerator][] = [
  ['train', 2, (runtime, store) => train({ config: validated, dataset, runtime, store })],
  [
    'trainReplicas',
    1,
    (runtime, store) => {
      const config = { ...validated, replicas: 2, ...replicaDefaults };
      return trainReplicas({ config, dataset, runtime, store, runRound });
    },
  ],
  ['distill', 3, (runtime, store) => distill({ config: distillation, teacher: tinyTeacher(), runtime, store })],
];

async function toEnd(events: AsyncGenerator): Promise<void> {
  while ((await events.next()).done !== true);
}

test.each(runs)('%s releases its programs where the store refuses the metrics', async (_name, programs, begin) => {
  const { runtime, compiled, open } = countingRuntime();
  await expect(toEnd(begin(runtime, refusing))).rejects.toThrow('the disk is full');
  expect([compiled(), open()]).toEqual([programs, 0]);
});

test.each(runs)('%s releases its programs where the metrics cannot be closed', async (_name, _programs, begin) => {
  const { runtime, open } = countingRuntime();
  await expect(toEnd(begin(runtime, closing))).rejects.toThrow('the disk is full');
  expect(open()).toBe(0);
});

test('train releases its first program where the second cannot be compiled', async () => {
  const { runtime, open } = countingRuntime(2);
  await expect(toEnd(train({ config: validated, dataset, runtime, store: refusing }))).rejects.toThrow('no memory');
  expect(open()).toBe(0);
});

test.each([2, 3])('a distiller releases its programs where the %i. cannot be compiled', async (refused) => {
  const { runtime, open } = countingRuntime(refused);
  await expect(Distiller.create(runtime, tinyTeacher(), distillation)).rejects.toThrow('no memory');
  expect(open()).toBe(0);
});
