import { beforeAll, describe, expect, it } from 'vitest';
import { input, sizeOf } from '../../src/graph/index.js';
import { denoise, denoiserParameters, type DenoiserConfig } from '../../src/models/denoiser-network.js';
import { buildDenoiser } from '../../src/models/denoiser-program.js';
import { paperUNet } from '../../src/models/unet.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { readUNetGolden, type GoldenConfig } from '../golden/unet.js';
import { evaluate } from '../graph/reference-interpreter.js';
import {
  expectGradients,
  expectGradientSummaries,
  float,
  goldenGradients,
  goldenPrediction,
} from './golden-denoiser.js';

const golden = readUNetGolden();
const configOf = (config: GoldenConfig): DenoiserConfig => ({ ...paperUNet, ...config });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu' });
});

describe("the paper's U-Net", () => {
  it('has 1,889,857 parameters', () => {
    expect(denoiserParameters(paperUNet).size).toBe(1_889_857);
  });

  it.each(['program', 'export'] as const)("gives PyTorch's output for the same weights within 1e-5: %s", async (by) => {
    const { config, inputs, output } = golden.output;
    const prediction = await goldenPrediction(runtime, configOf(config), inputs, by);
    expect(prediction).toBeCloseToTensor(output, { atol: 1e-5 });
  });

  describe.each(['training', 'inference'] as const)('gradients in the %s layout', (purpose) => {
    it.each(['l1', 'l2'] as const)('all equal those of PyTorch in float64: small U-Net, %s loss', async (loss) => {
      const { config, inputs, losses } = golden.smallGradients;
      expectGradients(await goldenGradients(runtime, { model: configOf(config), inputs, loss, purpose }), losses[loss]);
    });
  });

  it('has the gradients of PyTorch in float64 at full size', async () => {
    const { config, inputs, losses } = golden.paperGradients;
    const run = { model: configOf(config), inputs, loss: 'l2', purpose: 'training' } as const;
    expectGradientSummaries(await goldenGradients(runtime, run), losses.l2);
  });

  it.each([
    [{ ...paperUNet, imageSize: 30 }, 'images of size 30 cannot be halved 2 times'],
    [{ ...paperUNet, channels: [8] }, 'at least two levels'],
    [{ ...paperUNet, timeEmbedding: 5 }, 'even length'],
    [{ ...paperUNet, patchSize: 3 }, 'the patch size must be 1, 2 or 4'],
    [{ ...paperUNet, patchSize: 2 }, 'must be a multiple of 8'],
  ])('refuses a configuration that cannot be built: %#', (config, message) => {
    expect(() => denoiserParameters(config)).toThrow(message);
  });

  it('on 2x2 patches is the same network on four times the channels', async () => {
    const patched = { ...paperUNet, imageSize: 8, channels: [4, 8], patchSize: 2 };
    const folded = { ...patched, imageSize: 4, imageChannels: 4, patchSize: 1 };
    const parameters = denoiserParameters(patched).initialise(3);
    expect(denoiserParameters(folded).specs).toEqual(denoiserParameters(patched).specs);
    const x = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.cos(i * i));
    // Channel 2·row + column of the folded image holds the pixels at that place of every window.
    const fold = (image: ArrayLike<number>): Float32Array =>
      Float32Array.from({ length: 2 * 64 }, (_, i) => {
        const [n, place, h, w] = [Math.floor(i / 64), Math.floor(i / 16) % 4, Math.floor(i / 4) % 4, i % 4];
        return image[n * 64 + (2 * h + Math.floor(place / 2)) * 8 + 2 * w + (place % 2)] ?? NaN;
      });
    const predict = async (
      model: DenoiserConfig,
      shape: readonly number[],
      data: Float32Array,
    ): Promise<Float32Array> => {
      const program = await runtime.compile(buildDenoiser(model, parameters, 2, 'cpu'));
      const result = await program.run({ x: float(shape, data), t: float([2], [5, 900]), label: float([2], [1, -1]) });
      await program.dispose();
      return result['prediction']?.data as Float32Array;
    };
    const direct = await predict(patched, [2, 1, 8, 8], x);
    expect(fold(direct)).toBeCloseToTensor(await predict(folded, [2, 4, 4, 4], fold(x)), { rtol: 1e-5, atol: 1e-6 });
  });

  it.each([16, 32])('predicts for images of %i pixels what its graph says in float64', async (imageSize) => {
    const model = { ...paperUNet, imageSize, channels: [2, 4, 4] };
    const parameters = denoiserParameters(model).initialise(1);
    const shape = [2, 1, imageSize, imageSize];
    const x = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i));
    const [t, label] = [
      [1, 900],
      [3, -1],
    ];
    const program = await runtime.compile(buildDenoiser(model, parameters, 2, 'cpu'));
    const result = await program.run({ x: float(shape, x), t: float([2], t), label: float([2], label) });
    await program.dispose();
    expect(result['prediction']?.shape).toEqual(shape);
    const constants = denoiserParameters(model).constantsOf(parameters);
    const prediction = denoise(model, constants, input('x', shape), input('t', [2]), input('label', [2]));
    const [expected = []] = evaluate([prediction], { x, t, label });
    expect(result['prediction']?.data as Float32Array).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-6 });
  });
});
