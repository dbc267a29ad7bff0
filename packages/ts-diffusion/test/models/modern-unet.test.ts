import { beforeAll, describe, expect, it } from 'vitest';
import { input, lower, loweringTarget, mul, scalar } from '../../src/graph/index.js';
import { denoise, denoiserParameters } from '../../src/models/denoiser-network.js';
import { buildDenoiser } from '../../src/models/denoiser-program.js';
import type { ModernUNetConfig } from '../../src/models/modern-unet.js';
import { keepAll } from '../../src/nn/dropout.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { readAttentionGolden } from '../golden/attention.js';
import { deterministicParameters } from '../golden/deterministic-weights.js';
import { readModernUNetGolden } from '../golden/modern-unet.js';
import {
  expectGradients,
  expectGradientSummaries,
  float,
  goldenGradients,
  goldenPrediction,
} from './golden-denoiser.js';

const golden = readModernUNetGolden();
const configOf = (config: (typeof golden)['output']['config']): ModernUNetConfig => ({
  architecture: 'modern-unet',
  attention: 'bottleneck',
  imageChannels: 1,
  ...config,
});
const attended = readAttentionGolden();
const attendedModel = (config: (typeof attended)['output']['config']): ModernUNetConfig => ({
  architecture: 'modern-unet',
  imageChannels: 1,
  ...config,
});
const purposes = ['training', 'inference'] as const;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu' });
});

describe('the modern U-Net', () => {
  it.each(['program', 'export'] as const)("gives PyTorch's output for the same weights within 1e-5: %s", async (by) => {
    const { config, inputs, output } = golden.output;
    const prediction = await goldenPrediction(runtime, configOf(config), inputs, by);
    expect(prediction).toBeCloseToTensor(output, { atol: 1e-5 });
  });

  it.each(purposes)('has all gradients of PyTorch in float64, on patches, in the %s layout', async (purpose) => {
    const { config, inputs, losses } = golden.patchedGradients;
    const run = { model: configOf(config), inputs, loss: 'l2', purpose } as const;
    expectGradients(await goldenGradients(runtime, run), losses.l2);
  });

  it.each(purposes)(
    'has the gradients of PyTorch, on pixels, with several blocks, in the %s layout',
    async (purpose) => {
      const { config, inputs, losses } = golden.deepGradients;
      const run = { model: configOf(config), inputs, loss: 'l2', purpose } as const;
      expectGradientSummaries(await goldenGradients(runtime, run), losses.l2);
    },
  );

  it("has the gradients of PyTorch at the preset's size", async () => {
    const { config, inputs, losses } = golden.presetGradients;
    const run = { model: configOf(config), inputs, loss: 'l2', purpose: 'training' } as const;
    expectGradientSummaries(await goldenGradients(runtime, run), losses.l2);
  });

  describe('in patches of 4, attending at two of three levels with two heads', () => {
    it.each(['program', 'export'] as const)("gives PyTorch's output within 1e-5: %s", async (by) => {
      const { config, inputs, output } = attended.output;
      const prediction = await goldenPrediction(runtime, attendedModel(config), inputs, by);
      expect(prediction).toBeCloseToTensor(output, { atol: 1e-5 });
    });

    it.each(purposes)('has the gradients of PyTorch in the %s layout', async (purpose) => {
      const { config, inputs, losses } = attended.gradients;
      const run = { model: attendedModel(config), inputs, loss: 'l2', purpose } as const;
      expectGradientSummaries(await goldenGradients(runtime, run), losses.l2);
    });

    it('has an attention in each of these levels, on the way down and up', () => {
      const names = denoiserParameters(attendedModel(attended.output.config)).specs.map(({ name }) => name);
      const found = names.filter((name) => name.endsWith('attention.qkv.weight'));
      expect(found.map((name) => name.split('.')[0])).toEqual(['down1', 'bottleneck', 'up2']);
    });
  });

  it('at the lowest resolution is the same network as in the bottleneck', () => {
    const model = configOf(golden.output.config);
    const listed = denoiserParameters({ ...model, attention: [7], attentionHeads: 1 });
    expect(listed.specs).toEqual(denoiserParameters(model).specs);
  });

  it.each([
    [
      { attention: [7, 28] },
      'no level has the resolution 28 for attention: with images of 28x28 pixels and patches of 2 the levels have 14, 7',
    ],
    [
      { attentionHeads: 3 },
      '3 attention heads do not divide the 128 channels of the level with resolution 7; give a divisor',
    ],
    [
      { attention: [14], attentionHeads: 128 },
      '128 attention heads do not divide the 64 channels of the level with resolution 14',
    ],
  ] as const)('refuses %j', (change, message) => {
    expect(() => denoiserParameters({ ...configOf(golden.output.config), ...change })).toThrow(message);
  });

  it('predicts zero before it is trained', async () => {
    const model = configOf(golden.patchedGradients.config);
    const program = await runtime.compile(buildDenoiser(model, denoiserParameters(model).initialise(1), 2, 'cpu'));
    const x = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i));
    const result = await program.run({
      x: float([2, 1, 8, 8], x),
      t: float([2], [5, 900]),
      label: float([2], [1, -1]),
    });
    await program.dispose();
    expect(Array.from(result['prediction']?.data ?? [1], Number).every((value) => value === 0)).toBe(true);
  });

  it('drops what the second convolution of each block sees, and nothing else', async () => {
    const model = configOf(golden.patchedGradients.config);
    const layout = denoiserParameters(model);
    const weights = deterministicParameters(layout.specs);
    const predict = async (parameters: Float32Array, dropout: typeof keepAll): Promise<ArrayLike<unknown>> => {
      const x = input('x', [2, 1, 8, 8]);
      const [t, label] = [input('t', [2]), input('label', [2])];
      const prediction = denoise(model, layout.constantsOf(parameters), x, t, label, dropout);
      const graph = lower({ prediction }, { name: 'dropped', target: loweringTarget('cpu', 'inference') });
      const program = await runtime.compile({ model: graph });
      const images = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i));
      const result = await program.run({
        x: float(x.shape, images),
        t: float([2], [5, 900]),
        label: float([2], [1, -1]),
      });
      await program.dispose();
      return result['prediction']?.data ?? [];
    };
    const doubled = await predict(layout.fromNamedTensors(weights), (x) => mul(x, scalar(2)));
    for (const [name, { data }] of weights) {
      if (name.endsWith('conv2.weight')) data.forEach((value, i) => (data[i] = 2 * value));
    }
    expect(doubled).toEqual(await predict(layout.fromNamedTensors(weights), keepAll));
  });

  it('leaves attention out when told to', () => {
    const model = configOf(golden.patchedGradients.config);
    const names = denoiserParameters({ ...model, attention: 'none' }).specs.map(({ name }) => name);
    const all = denoiserParameters(model).specs.map(({ name }) => name);
    expect(names).toEqual(all.filter((name) => !name.includes('attention')));
    expect(all.length - names.length).toBe(6);
  });
});
