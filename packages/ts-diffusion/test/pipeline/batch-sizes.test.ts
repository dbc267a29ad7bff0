import { beforeAll, describe, expect, test } from 'vitest';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { LARGEST_BATCH } from '../../src/diffusion/sampling-schema.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { PROGRAMS_KEPT } from '../../src/runtime/batch-programs.js';
import { COMMON_BATCH_SIZES, paddedSize } from '../../src/runtime/batch-sizes.js';
import type { Runtime } from '../../src/runtime/types.js';
import { runManySizes } from '../runtime/many-batch-sizes.js';
import { tinyModel } from './tiny-model.js';

test('the common sizes hold every batch with at most a quarter of padding', () => {
  expect(COMMON_BATCH_SIZES).toEqual([...COMMON_BATCH_SIZES].sort((a, b) => a - b));
  for (let batch = 1; batch <= 2 * LARGEST_BATCH; batch++) {
    const size = paddedSize(batch, COMMON_BATCH_SIZES);
    expect(size).toBeGreaterThanOrEqual(batch);
    expect((size - batch) / size, `of ${batch} in ${size}`).toBeLessThanOrEqual(0.25);
  }
  for (const images of [1, 2, 4, 8, 10, 20]) {
    for (const batch of [images, 2 * images]) expect(paddedSize(batch, COMMON_BATCH_SIZES)).toBe(batch);
  }
});

test('the programs of a few sizes are kept, not of all that were run', async () => {
  const { most, left, predictions } = await runManySizes(await createNodeRuntime({ threads: 1 }));
  expect({ most, left }).toEqual({ most: PROGRAMS_KEPT, left: 0 });
  expect(predictions[1]).toEqual(predictions[0]);
});

describe('a pipeline with batch sizes', () => {
  let [runtime, compiled]: [Runtime, number] = [{} as Runtime, 0];
  beforeAll(async () => {
    const actual = await createNodeRuntime({ threads: 1 });
    runtime = {
      ...actual,
      compile: (source) => {
        compiled++;
        return actual.compile(source);
      },
    };
  });
  const pipeline = (sizes?: readonly number[]): DiffusionPipeline => {
    compiled = 0;
    return new DiffusionPipeline(runtime, tinyModel(), undefined, sizes);
  };
  const states = async (of: DiffusionPipeline, images: number): Promise<Float32Array[]> => {
    const all: Float32Array[] = [];
    const labels = Array.from({ length: images }, (_, i) => i % 10);
    for await (const { x } of of.sample({ labels, guidanceWeight: 1, seed: 3 })) all.push(x.slice());
    return all;
  };

  test('compiles once for all batches that one size holds, and once without guidance', async () => {
    const padded = pipeline([3, 8]);
    for (const images of [2, 3, 4]) await states(padded, images);
    expect(compiled).toBe(1);
    await padded.generate({ labels: [1, 2, 3], guidanceWeight: 0 });
    expect(compiled).toBe(2);
    await states(padded, 5);
    expect(compiled).toBe(3);
    await padded.dispose();
  });

  test('draws what is drawn without them, and to the bit where nothing is padded', async () => {
    const [padded, plain] = [pipeline([8]), pipeline()];
    const [all, own] = [await states(padded, 4), await states(plain, 4)];
    expect(all).toEqual(own);
    const [three, ownThree] = [await states(padded, 3), await states(plain, 3)];
    expect(three).toHaveLength(11);
    three.forEach((x, step) => {
      expect(x).toBeCloseToTensor(ownThree[step] ?? [], { rtol: 1e-5, atol: 1e-5 });
    });
    await Promise.all([padded.dispose(), plain.dispose()]);
  });

  test('has compiled for one image after the warm-up', async () => {
    const warm = pipeline([1, 2, 4]);
    await warm.warmUp();
    expect(compiled).toBe(1);
    await warm.generate({ labels: [3] });
    expect(compiled).toBe(1);
    await warm.warmUp(2);
    await warm.generate({ labels: [3, 4] });
    expect(compiled).toBe(2);
    await warm.dispose();
  });
});
