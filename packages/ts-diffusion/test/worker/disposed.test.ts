import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Classifier } from '../../src/classifier/classifier.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { MetricsFile } from '../../src/node/training/metrics.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { planSampling } from '../../src/pipeline/plan-sampling.js';
import { runPlan } from '../../src/pipeline/run-plan.js';
import { DisposedError, UserError } from '../../src/utils/errors.js';
import { DiffusionWorker } from '../../src/worker/diffusion-worker.js';
import { trainInWorker } from '../../src/worker/train-in-worker.js';
import { WorkerClassifier } from '../../src/worker/worker-classifier.js';
import { WorkerPipeline } from '../../src/worker/worker-pipeline.js';
import { encodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { patientTests } from '../patience.js';
import { tinyCheckpoint, tinyModel } from '../pipeline/tiny-model.js';
import { nodeWorkers } from './node-worker.js';

patientTests();

const pixels = new Uint8Array(64);
const end = { label: 1, noise: new Float32Array(64) };
/** What each method of a pipeline takes. */
const calls: Readonly<Record<string, readonly unknown[]>> = {
  initialNoise: [0, 0],
  sample: [{ labels: [1] }],
  generate: [{ labels: [1] }],
  edit: [{ labels: [1], images: pixels }],
  inpaint: [{ labels: [1], images: pixels, mask: pixels }],
  interpolate: [{ from: end, to: end, frames: 2 }],
  encode: [{ labels: [1], images: pixels }],
  warmUp: [],
};

/** Calls every method but `dispose`; generators are asked for their first value. */
async function everyMethodRefuses(owner: object, examples: Readonly<Record<string, readonly unknown[]>>) {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(owner)))
    .filter(([name]) => name !== 'constructor' && name !== 'dispose')
    .map(([name, { value }]) => [name, value as (...given: unknown[]) => unknown] as const);
  expect(methods.length).toBeGreaterThan(0);
  for (const [name, method] of methods) {
    expect(examples, name).toHaveProperty(name);
    const calling = (async () => {
      const result = method.apply(owner, [...(examples[name] ?? [])]);
      const isGenerator = typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
      return await (isGenerator ? (result as AsyncGenerator).next() : result);
    })();
    await expect(calling, name).rejects.toBeInstanceOf(DisposedError);
    await expect(calling, name).rejects.toThrow(/has been disposed of; .+\.$/);
  }
}

describe('after dispose, which may be called twice,', () => {
  test('a pipeline refuses, and what was planned with it', async () => {
    const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), tinyModel());
    const plan = planSampling(pipeline, { labels: [1], samplingSteps: 1 });
    expect((await runPlan(plan)).count).toBe(1);
    await pipeline.dispose();
    await pipeline.dispose();
    await everyMethodRefuses(pipeline, calls);
    await expect(runPlan(plan)).rejects.toBeInstanceOf(DisposedError);
  });

  test('a classifier refuses', async () => {
    const classifier = await Classifier.load('evaluator', await createNodeRuntime({ threads: 1 }));
    const images = { images: new Uint8Array(784), height: 28, width: 28 };
    await classifier.dispose();
    await classifier.dispose();
    await everyMethodRefuses(classifier, { classify: [images], classifyBatches: [images] });
  });

  const workers = nodeWorkers();
  test('what a worker has loaded refuses, whether the worker is shared or its own', async () => {
    const on = workers.start();
    const pipeline = await WorkerPipeline.load(encodeCheckpoint(tinyCheckpoint()), { on, threads: 1, warmUp: false });
    pipeline.dispose();
    pipeline.dispose();
    await everyMethodRefuses(pipeline, calls);
    const classifier = await WorkerClassifier.load('evaluator', { on, threads: 1 });
    classifier.dispose();
    classifier.dispose();
    await everyMethodRefuses(classifier, { classify: [{ images: new Uint8Array(784), height: 28, width: 28 }] });
    on.dispose();
    on.dispose();
    await expect(WorkerPipeline.load('modern', { on })).rejects.toBeInstanceOf(UserError);
  });

  test('a worker refuses to train', async () => {
    const on = new DiffusionWorker();
    on.dispose();
    await expect(trainInWorker({ on }).next()).rejects.toBeInstanceOf(DisposedError);
  });

  test('a file of metrics refuses', () => {
    const folder = mkdtempSync(join(tmpdir(), 'disposed-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const metrics = new MetricsFile(join(folder, 'metrics.jsonl'), 0);
    metrics.close();
    metrics.close();
    expect(() => {
      metrics.append({ step: 1 });
    }).toThrow(DisposedError);
    expect(() => {
      metrics.flush();
    }).toThrow(DisposedError);
  });
});
