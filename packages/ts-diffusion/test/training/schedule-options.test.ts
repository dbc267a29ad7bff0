import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainConfig } from '../../src/training/config.js';
import { pipelineModel } from '../../src/pipeline/checkpoint-model.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { train } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});
const folders: RunFolder[] = [];
afterAll(() => {
  for (const folder of folders) folder.close();
});

/** The schedule that a run of two steps samples with, and its losses. */
async function run(name: string, changes: Partial<TrainConfig>) {
  const config = tinyConfig({ timesteps: 50, prediction: 'v', steps: 2, ...changes });
  const folder = RunFolder.create(inFolder(name), config);
  folders.push(folder);
  const losses: number[] = [];
  for await (const event of train({ config, dataset: tinyDataset(), runtime, store: folder })) {
    if (event.type === 'step') losses.push(event.loss);
  }
  return { losses, schedule: pipelineModel(folder.readCheckpoint()).schedule };
}

test('the options of the noise schedule reach training and sampling', async () => {
  const plain = await run('plain', {});
  const rescaled = await run('rescaled', { rescaleBetas: true });
  const zero = await run('zero', { zeroTerminalSnr: true });
  const sigmoid = await run('sigmoid', { schedule: 'sigmoid' });
  // 1000 / 50 times the paper's betas
  expect(rescaled.schedule.betas[0]).toBeCloseTo(20 * (plain.schedule.betas[0] ?? NaN), 12);
  expect(zero.schedule.alphasCumprod[49]).toBe(0);
  expect(sigmoid.schedule.alphasCumprod[49]).toBeCloseTo(1e-9, 12);
  const losses = [plain, rescaled, zero, sigmoid].map((each) => each.losses.join());
  expect(new Set(losses).size).toBe(4);
});
