import { beforeAll, expect, test } from 'vitest';
import { createDataset } from '../../src/data/dataset.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { pipelineModel } from '../../src/pipeline/checkpoint-model.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { Runtime } from '../../src/runtime/types.js';
import { train } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig } from './tiny-run.js';

const inFolder = temporaryFolder();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

const SIDE = 8;
const [DARK, LIGHT] = [50, 190];
const SHARE_OF_LIGHT = 0.7;

/** Images of one grey level: 30 % are dark, 70 % light. */
const twoModes = () => {
  const count = 100;
  const levels = Array.from({ length: count }, (_, i) => (i < SHARE_OF_LIGHT * count ? LIGHT : DARK));
  const data = Uint8Array.from(levels.flatMap((level) => new Array<number>(SIDE ** 2).fill(level)));
  const labels = { shape: [count], data: new Uint8Array(count) };
  return createDataset({ shape: [count, SIDE, SIDE], data }, labels, 'two grey levels', 1);
};

/** The mean grey level of each of 150 drawn images. */
async function drawnLevels(pipeline: DiffusionPipeline, sampler: 'flow-euler' | 'flow-heun', samplingSteps: number) {
  const count = 150;
  const { images } = await pipeline.generate({
    labels: new Array<number>(count).fill(0),
    ...{ sampler, samplingSteps, spacing: 'trailing', guidanceWeight: 0 },
  });
  const pixels = SIDE ** 2;
  return Array.from({ length: count }, (_, i) => {
    const image = images.subarray(i * pixels, (i + 1) * pixels);
    return image.reduce((a, b) => a + b, 0) / pixels;
  });
}

test('a network trained by rectified flow draws both modes of its data, as often as they are', async () => {
  const config = tinyConfig({
    ...{ model: 'modern-unet', channels: [16, 16], blocks: [1, 1], attention: 'none', patchSize: 2 },
    ...{ prediction: 'flow', schedule: 'flow', timesteps: 1000, timestepSampling: 'logit-normal', loss: 'l2' },
    ...{ steps: 400, batchSize: 64, learningRate: 4e-3, warmupSteps: 20, emaDecay: 0.98, checkpointEvery: 1000 },
    guidanceWeight: 0,
  });
  const folder = RunFolder.create(inFolder('flow'), config);
  try {
    const run = train({ config, dataset: twoModes(), runtime, store: folder });
    for await (const event of run) if (event.type === 'stopped') expect(event.reason).toBe('finished');
    const pipeline = new DiffusionPipeline(runtime, pipelineModel(folder.readCheckpoint()));
    for (const [sampler, steps] of [
      ['flow-euler', 50],
      ['flow-heun', 20],
    ] as const) {
      const levels = await drawnLevels(pipeline, sampler, steps);
      const near = (mode: number) => levels.filter((level) => Math.abs(level - mode) <= 12).length / levels.length;
      // Of images whose levels are uniform 20 % would be near a mode.
      expect(near(DARK) + near(LIGHT)).toBeGreaterThan(0.9);
      // Four standard errors of 150 draws.
      expect(Math.abs(near(LIGHT) - SHARE_OF_LIGHT)).toBeLessThan(4 * Math.sqrt(0.21 / levels.length));
    }
    await pipeline.dispose();
  } finally {
    folder.close();
  }
});
