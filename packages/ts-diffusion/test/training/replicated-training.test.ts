import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TrainConfig } from '../../src/training/config.js';
import type { Checkpoint } from '../../src/training/checkpoint-format.js';
import { readMetrics, readWatched } from '../../src/node/training/metrics.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import {
  type ReplicaResult,
  type ReplicatedEvent,
  type ReplicatedRun,
} from '../../src/training/replicated-training.js';
import type { StepScalars, TrainState } from '../../src/training/optimizer-session.js';
import type { TrainBatch, TrainSession } from '../../src/training/train-session.js';
import { updates } from '../../src/training/trainer.js';
import { train, trainReplicas } from '../../src/pipeline/train.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
const dataset = tinyDataset();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

const withDropout: Partial<TrainConfig> = {
  ...{ model: 'modern-unet', channels: [8, 8], blocks: [1, 1], patchSize: 2, dropout: 0.1 },
};

/** Every option that decides which batch a step draws. */
const replicated = (changes: Partial<TrainConfig> = {}): TrainConfig =>
  tinyConfig({
    ...{ flip: true, classBalance: true, timestepSampling: 'logit-normal' },
    ...{ replicas: 2, syncEvery: 5, logEvery: 2 },
    ...changes,
  });

/** Rounds in this process, as `diffusion train` has them in others: a replica is what its last slice left. */
function rounds(config: TrainConfig, order: readonly number[] = [1, 2]): ReplicatedRun['runRound'] {
  const replicas = new Map<number, TrainState>();
  return async ({ start, lastStep }) => {
    const results = new Map<number, ReplicaResult>();
    for (const replica of order) {
      const losses: number[] = [];
      let state = { ...(replicas.get(replica) ?? start.state), parameters: start.state.parameters };
      const store = {
        ...{ path: 'a test', hasCheckpoint: true },
        openMetrics: () => ({ append: () => undefined, flush: () => undefined, close: () => undefined }),
        writeCheckpoint: (checkpoint: Checkpoint) => {
          state = checkpoint.state;
        },
      };
      const quiet = { ...config, validateEvery: 0, sampleEvery: 0 };
      const slice = { replica, lastStep };
      const resume = { ...start, state };
      for await (const event of train({ config: quiet, dataset, runtime, store, resume, slice })) {
        if (event.type === 'step') losses.push(event.loss);
      }
      replicas.set(replica, state);
      results.set(replica, { state, losses });
    }
    return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
  };
}

async function replicasIn(name: string, config: TrainConfig, order?: readonly number[]) {
  const folder = RunFolder.create(inFolder(name), config);
  const events: ReplicatedEvent[] = [];
  try {
    const runRound = rounds(config, order);
    for await (const event of trainReplicas({ config, dataset, runtime, store: folder, runRound })) events.push(event);
    return { events, checkpoint: folder.readCheckpoint() };
  } finally {
    folder.close();
  }
}

const metricsOf = (name: string): string => join(inFolder(name), 'metrics.jsonl');

test('one replica with outer learning rate 1 and no momentum: the bits of plain training, and its tone curve', async () => {
  const config = replicated({ ...withDropout, replicas: 1, outerLearningRate: 1, outerMomentum: 0, toneCurve: 20 });
  const { checkpoint } = await replicasIn('replicated', config, [1]);
  const { replicas, syncEvery, outerLearningRate, outerMomentum, ...plain } = config;
  expect([replicas, syncEvery, outerLearningRate, outerMomentum]).toEqual([1, 5, 1, 0]);
  const folder = RunFolder.create(inFolder('plain'), plain);
  for await (const event of train({ config: plain, dataset, runtime, store: folder })) expect(event).toBeDefined();
  folder.close();
  const { state, toneCurve } = folder.readCheckpoint();
  expect(checkpoint.state).toEqual(state);
  expect(checkpoint.toneCurve).toEqual(toneCurve);
  expect(toneCurve).toBeDefined();
  const [ours, theirs] = ['replicated', 'plain'].map((name) =>
    readMetrics(metricsOf(name)).map(({ step, loss, learningRate, emaDecay }) => [step, loss, learningRate, emaDecay]),
  );
  // A line before each checkpoint: at the averages here, every five steps there.
  expect(ours).toEqual(theirs);
});

test('yields rounds, the last one shorter, looks at weights at the next average, and notes the mean loss of the replicas', async () => {
  const config = replicated({ sampleEvery: 4, validation: 10, validateEvery: 6 });
  const losses: number[][] = [];
  const inner = rounds(config);
  const folder = RunFolder.create(inFolder('run'), config);
  const events: string[] = [];
  const runRound: ReplicatedRun['runRound'] = async (round) => {
    const results = await inner(round);
    losses.push(...[...(results ?? [])].map((result) => [...result.losses]));
    return results;
  };
  for await (const event of trainReplicas({ config, dataset, runtime, store: folder, runRound })) {
    events.push(`${event.type} ${event.step}`);
  }
  folder.close();
  expect(events).toEqual([
    ...['started 0', 'checkpoint 0', 'averaged 5', 'checkpoint 5', 'samples-due 5'],
    ...[
      'averaged 10',
      'checkpoint 10',
      'watched 10',
      'samples-due 10',
      'averaged 12',
      'checkpoint 12',
      'watched 12',
      'samples-due 12',
      'stopped 12',
    ],
  ]);
  expect(readWatched(metricsOf('run')).map(({ step }) => step)).toEqual([10, 12]);
  const lines = readMetrics(metricsOf('run'));
  expect(lines.map(({ step }) => step)).toEqual([2, 4, 5, 6, 8, 10, 12]);
  const [first = [], second = []] = losses;
  const [a, b, c, d] = [first[0], first[1], second[0], second[1]] as [number, number, number, number];
  expect(a).not.toBe(c);
  expect(lines[0]?.loss).toBeCloseTo((a + b + c + d) / 4, 12);
});

/** What a training hands to the network: noisy images, labels and the number that decides what is dropped, for each step. */
async function drawn(config: TrainConfig, replica?: number): Promise<string[]> {
  const batches: string[] = [];
  const session = {
    step: ({ noisyImages, labels }: TrainBatch, _: StepScalars, number: number) => {
      batches.push(`${number}: ${labels.join()} ${noisyImages.join()}`);
      return Promise.resolve(0);
    },
  } as unknown as TrainSession;
  for await (const { loss } of updates(session, dataset, config, { step: 0, cycleStart: 0 }, replica))
    expect(loss).toBe(0);
  return batches;
}

test('replicas draw the batches of one training of as many steps together, each once', async () => {
  const { replicas, syncEvery, outerLearningRate, outerMomentum, ...one } = replicated({ replicas: 3, steps: 12 });
  expect([replicas, syncEvery, outerLearningRate, outerMomentum]).toEqual([3, 5, 0.7, 0.9]);
  const config = replicated({ replicas: 3, steps: 4 });
  const all = await drawn(one);
  expect(new Set(all).size).toBe(12);
  for (const replica of [1, 2, 3]) {
    expect(await drawn(config, replica)).toEqual(all.filter((_, i) => i % 3 === replica - 1));
  }
});

test('the order in which replicas train changes no bit', async () => {
  const config = replicated({ steps: 8 });
  const a = await replicasIn('a', config, [1, 2]);
  const b = await replicasIn('b', config, [2, 1]);
  expect(b.checkpoint).toEqual(a.checkpoint);
  expect(a.checkpoint.outerMomentum?.some((value) => value !== 0)).toBe(true);
});

test('train refuses to train replicas as one network, and replicas to go on with one', async () => {
  const config = replicated();
  const folder = RunFolder.create(inFolder('run'), config);
  await expect(train({ config, dataset, runtime, store: folder }).next()).rejects.toThrow('trainReplicas');
  folder.close();
});
