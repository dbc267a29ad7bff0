import { describe, expect, test } from 'vitest';
import { toModelRange } from '../../../ts-diffusion/src/utils/pixel-range.js';
import { NULL_LABEL } from '../../../ts-diffusion/src/diffusion/denoiser.js';
import { NoiseSource } from '../../../ts-diffusion/src/diffusion/noise-source.js';
import { clampedBeforeSaving, withoutUnconditionalBranch, wrongEvaluatorRange } from '../../src/evaluating/quirks.js';
import { denoiserParameters } from '../../../ts-diffusion/src/models/denoiser-network.js';
import { CompiledDenoiser } from '../../../ts-diffusion/src/pipeline/compiled-denoiser.js';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { tinyModel, tinyUNet } from '../../../ts-diffusion/test/pipeline/tiny-model.js';

const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);

test('clamping to [0, 1] before saving is that, for every byte', () => {
  const expected = toModelRange(bytes).map((value) => Math.min(1, Math.max(0, value)) * 255);
  expect(clampedBeforeSaving(bytes)).toBeCloseToTensor(expected, { atol: 1e-3 });
});

test('a network for pixels in [-1, 1] is shown what (x - mean) / std = sample makes of x', () => {
  const shown = wrongEvaluatorRange.of(bytes);
  const normalised = shown.map((value) => ((value + 1) / 2 - 0.1307) / 0.3081);
  expect(normalised).toBeCloseToTensor(toModelRange(bytes), { atol: 1e-5 });
});

describe('leaving out the class branch', () => {
  const { parameters } = tinyModel();
  const layout = denoiserParameters(tinyUNet);
  const x = { shape: [2, 1, 8, 8], data: new NoiseSource(1, 0, 2, 64).next() } as const;
  const predict = async (weights: Float32Array, label: number): Promise<Float32Array> => {
    const denoiser = new CompiledDenoiser(await createNodeRuntime({ threads: 1 }), tinyUNet, weights);
    const out = await denoiser.network(x, Float32Array.of(3, 9), Int32Array.of(label, label));
    await denoiser.dispose();
    return out;
  };

  test('changes nothing for an image with a class', async () => {
    const changed = withoutUnconditionalBranch(tinyUNet, parameters);
    expect(await predict(changed, 4)).toBeCloseToTensor(await predict(parameters, 4), { rtol: 1e-4, atol: 1e-5 });
  });

  test('for one without gives what a network without that branch gives', async () => {
    const named = new Map(layout.toNamedTensors(parameters));
    for (const [name, { shape, data }] of named) {
      if (name.includes('.label.')) named.set(name, { shape, data: new Float32Array(data.length) });
    }
    const expected = await predict(layout.fromNamedTensors(named), NULL_LABEL);
    const changed = await predict(withoutUnconditionalBranch(tinyUNet, parameters), NULL_LABEL);
    expect(changed).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-6 });
    const difference = (await predict(parameters, NULL_LABEL)).reduce(
      (largest, value, i) => Math.max(largest, Math.abs(value - (expected[i] as number))),
      0,
    );
    expect(difference).toBeGreaterThan(1e-3);
  });
});
