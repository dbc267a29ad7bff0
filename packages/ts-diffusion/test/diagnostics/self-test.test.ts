import { expect, test } from 'vitest';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { measureMatrixProduct } from '../../src/diagnostics/matrix-product.js';
import { maximumDifference, predictTinyImages, trainTinySteps } from '../../src/diagnostics/self-test.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { createWebRuntime } from '../../src/browser/runtime/web.js';
import { tinyUNet } from '../pipeline/tiny-model.js';

test('three steps of Adam move parameters by up to three learning rates, alike with one and two threads', async () => {
  const one = await trainTinySteps(await createNodeRuntime({ threads: 1 }));
  const two = await trainTinySteps(await createNodeRuntime({ threads: 2 }));
  expect(maximumDifference(one, two)).toBeLessThan(1e-5);
  // Adam's first step is the learning rate times the gradient's sign; later ones are at most 1.0 to 1.4 of it here.
  const initial = denoiserParameters(tinyUNet).initialise(0);
  const moved = maximumDifference(one.subarray(0, initial.length), initial);
  expect(moved).toBeGreaterThan(2e-3);
  expect(moved).toBeLessThan(4e-3);
});

test('both networks train alike on wasm', async () => {
  const cpu = await trainTinySteps(await createNodeRuntime({ threads: 1 }));
  const wasm = await trainTinySteps(await createWebRuntime({ threads: 1 }));
  expect(maximumDifference(cpu, wasm)).toBeLessThan(1e-5);
});

test.each(['paper-unet', 'modern-unet'] as const)(
  '%s predicts alike on wasm, each image something else',
  async (each) => {
    const cpu = await predictTinyImages(await createNodeRuntime({ threads: 1 }), each);
    expect(maximumDifference(cpu, await predictTinyImages(await createWebRuntime({ threads: 1 }), each))).toBeLessThan(
      1e-5,
    );
    const images = [0, 1, 2, 3].map((i) => cpu.subarray(64 * i, 64 * (i + 1)));
    for (const image of images.slice(1)) {
      expect(maximumDifference(image, images[0] as Float32Array)).toBeGreaterThan(0.1);
      expect(Math.max(...image.map(Math.abs))).toBeLessThan(10);
    }
  },
);

test('a difference is found wherever it is, and NaN is never small', () => {
  expect(maximumDifference(Float32Array.of(1, 2, 3), Float32Array.of(1, 2.5, 2.75))).toBe(0.5);
  expect(maximumDifference(Float32Array.of(1, NaN), Float32Array.of(1, 1))).toBeNaN();
});

test('the matrix product is timed at a speed that a processor can have', async () => {
  const { gflops, size } = await measureMatrixProduct(await createNodeRuntime({ threads: 1 }));
  expect([256, 1024]).toContain(size);
  expect(gflops).toBeGreaterThan(0.1); // SwiftShader on a busy machine
  expect(gflops).toBeLessThan(1000); // one core with 64 float32 operations per cycle at 4 GHz: 256
});
