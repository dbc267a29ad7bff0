import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import { measureTrainingStep } from '../../src/sweep/cost/measure-speed.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'measure-speed-'));
  vi.stubEnv('TMPDIR', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const small = { channels: [8, 16], timesteps: 5, steps: 5, batchSize: 2, samplingSteps: 0 };
const signal = new AbortController().signal;

test('a step of a replica is measured as that of a training, and nothing is left of it', async () => {
  const replicas = { replicas: 3, syncEvery: 2, outerLearningRate: 0.5, outerMomentum: 0.8 };
  const config = resolveTrainConfig('quick', { ...small, ...replicas, data: 'embedded' });
  expect(await measureTrainingStep({ config }, await createNodeRuntime({ threads: 1 }), signal)).toBeGreaterThan(0);
  expect(readdirSync(root)).toEqual([]);
});

test('nothing is left of a measurement whose images are not there', async () => {
  const config = resolveTrainConfig('quick', { ...small, data: join(root, 'nothing') });
  const runtime = await createNodeRuntime({ threads: 1 });
  await expect(measureTrainingStep({ config }, runtime, signal)).rejects.toThrow(/nothing/);
  expect(readdirSync(root)).toEqual([]);
});
