import { beforeAll, describe, expect, it } from 'vitest';
import { input, lower, loweringTarget } from '../../../src/graph/index.js';
import { denoiserParameters, type DenoiserConfig } from '../../../src/models/denoiser-network.js';
import { buildDenoiser, exportDenoiser } from '../../../src/models/denoiser-program.js';
import { createNodeRuntime } from '../../../src/node/runtime/node.js';
import type { Runtime } from '../../../src/runtime/types.js';
import { denoisingObjective } from '../../../src/training/denoising-objective.js';
import { lossAndGradient } from '../../../src/training/optimizer-step.js';
import { deterministicParameters } from '../../golden/deterministic-weights.js';
import { readUNet2DGolden, unet2dBatch, unet2dOf, type UNet2DCase } from '../../golden/unet2d.js';
import { expectGradientSummaries, float } from '../golden-denoiser.js';

const golden = readUNet2DGolden();
const cases = Object.entries(golden.outputs);
const caseOf = (name: string): UNet2DCase => golden.outputs[name] as UNet2DCase;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu' });
});

const weightsOf = (model: DenoiserConfig): Float32Array => {
  const layout = denoiserParameters(model);
  return layout.fromNamedTensors(deterministicParameters(layout.specs));
};

type Batch = ReturnType<typeof unet2dBatch>;

async function predict(model: DenoiserConfig, { x, timesteps, labels, shape }: Batch): Promise<Float32Array> {
  const batch = timesteps.length;
  const program = await runtime.compile(buildDenoiser(model, weightsOf(model), batch, 'cpu'));
  const { prediction } = await program.run({
    x: float(shape, x),
    t: float([batch], timesteps),
    label: float([batch], labels),
  });
  await program.dispose();
  return prediction?.data as Float32Array;
}

describe('unet2d', () => {
  it.each(cases)(
    "gives the output of diffusers' UNet2DModel for the same weights within 1e-5: %s",
    async (name, each) => {
      const model = unet2dOf(each);
      expect(denoiserParameters(model).size).toBe(each.parameters);
      expect(await predict(model, unet2dBatch(name, each))).toBeCloseToTensor(each.output, { atol: 1e-5 });
    },
  );

  it('gives the same output as an exported denoiser.onnx, for any batch', async () => {
    const each = caseOf('classes');
    const model = unet2dOf(each);
    const { x, timesteps, labels, shape } = unet2dBatch('classes', each);
    const program = await runtime.compile({ model: exportDenoiser(model, weightsOf(model)) });
    const { prediction } = await program.run({
      x: float(shape, x),
      t: float([timesteps.length], timesteps),
      label: { dtype: 'int64', shape: [labels.length], data: BigInt64Array.from(labels, BigInt) },
    });
    await program.dispose();
    expect(prediction?.data).toBeCloseToTensor(each.output, { atol: 1e-5 });
  });

  it.each([
    ...Object.keys(golden.gradients).map((name) => ({ name, purpose: 'training' as const })),
    { name: 'classes', purpose: 'inference' as const },
  ])('has the gradients of PyTorch: $name, in the $purpose layout', async ({ name, purpose }) => {
    const { x, noise, timesteps, labels, shape } = unet2dBatch(name, caseOf(name));
    const objective = denoisingObjective({ model: unet2dOf(caseOf(name)), batchSize: timesteps.length, loss: 'l2' });
    const { layout } = objective;
    const outputs = lossAndGradient(objective, input('parameters', [layout.size]));
    const target = loweringTarget('cpu', purpose);
    const program = await runtime.compile({ model: lower({ ...outputs }, { name: 'gradient', target }) });
    const result = await program.run({
      parameters: float([layout.size], weightsOf(unet2dOf(caseOf(name)))),
      noisyImages: float(shape, x),
      target: float(shape, noise),
      timesteps: float([timesteps.length], timesteps),
      labels: float([labels.length], labels),
    });
    await program.dispose();
    const gradients = layout.toNamedTensors(result['gradient']?.data as Float32Array);
    const expected = golden.gradients[name];
    expect([...gradients.keys()].sort()).toEqual(Object.keys(expected?.gradients ?? {}).sort());
    expectGradientSummaries({ loss: Number(result['loss']?.data[0]), gradients }, expected as never);
  });

  it('takes label -1 as the last vector of the table where that stands for no class', async () => {
    const each = caseOf('classes');
    const batch = unet2dBatch('classes', each);
    // The last image has the last label, 3: without a class, of three.
    const labels = Int32Array.from(batch.labels, (label) => (label === 3 ? -1 : label));
    const model = unet2dOf(each, true);
    expect(model.classes).toBe(3);
    expect(await predict(model, { ...batch, labels })).toBeCloseToTensor(each.output, { atol: 1e-5 });
  });

  it.each([
    [{ imageSize: 6 }, 'size 6 cannot be halved 2 times'],
    [{ channels: [8, 8, 18] }, '18 channels cannot be normalised in 4 groups'],
    [{ headChannels: 3 }, '8 channels cannot be split into attention heads of 3'],
    [{ midNormGroups: 3 }, '16 channels cannot be normalised in 3 groups'],
    [{ channels: [8, 16] }, '2 levels of channels need as many blocks each way, got 3 down and 3 up'],
    [{ channels: [9, 9, 9], normGroups: 9 }, 'an even number of channels, at least 4, got 9'],
  ])('refuses %j', (change, message) => {
    const model = unet2dOf(caseOf('asymmetric'));
    expect(() => denoiserParameters({ ...model, ...change })).toThrow(message);
  });
});
