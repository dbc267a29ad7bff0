import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { packageVersion } from '../../../cli/src/version.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { readModelSummary } from '../onnx/model-summary.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { decodeModelFile } from '../../src/pipeline/model-file.js';
import { decodeSafetensors } from '../../src/formats/safetensors.js';
import { encodeWithDigest } from '../../src/formats/safetensors-digest.js';
import { RandomStream } from '../../src/utils/random.js';
import { tinyModel, tinyUNet } from './tiny-model.js';

test('denoiser.onnx in plain onnxruntime-node predicts what the pipeline predicts, at any batch size', async () => {
  const model = tinyModel();
  const session = await InferenceSession.create(exportModelFiles(model).onnx);
  const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), model);
  for (const batch of [1, 3]) {
    const x = new Float32Array(batch * 64);
    new RandomStream(0, 0, batch).fillNormal(x);
    const shape = [batch, 1, 8, 8] as const;
    const timesteps = Float32Array.from({ length: batch }, (_, i) => 10 - 4 * i);
    const labels = Int32Array.from({ length: batch }, (_, i) => [7, -1, 0][i] as number);
    const expected = await pipeline.network({ shape, data: x }, timesteps, labels);
    const { prediction } = await session.run({
      x: new Tensor('float32', x, shape),
      t: new Tensor('float32', timesteps, [batch]),
      label: new Tensor('int64', BigInt64Array.from(labels, BigInt), [batch]),
    });
    expect(prediction?.dims).toEqual(shape);
    expect(prediction?.data as Float32Array).toBeCloseToTensor(expected, { atol: 1e-5 });
    // Predictions that are all alike would agree for the wrong reason.
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01);
  }
  await session.release();
  await pipeline.dispose();
});

test('model.safetensors has the names and shapes of docs/pytorch.md', () => {
  const { tensors, metadata } = decodeSafetensors(exportModelFiles(tinyModel()).safetensors, 'model.safetensors');
  expect(tensors.size).toBe(46);
  expect(tensors.get('down1.conv1.weight')?.shape).toEqual([4, 1, 3, 3]);
  expect(tensors.get('bottleneck.time.weight')?.shape).toEqual([16, 32]);
  expect(tensors.get('up1.label.bias')?.shape).toEqual([8]);
  expect(tensors.get('upsample1.weight')?.shape).toEqual([16, 8, 2, 2]);
  expect(tensors.get('output.weight')?.shape).toEqual([1, 4, 1, 1]);
  expect(metadata['format']).toBe('pt');
});

test('both files say what the network is', () => {
  const schedule = createNoiseSchedule('cosine', 77, { zeroTerminalSnr: true });
  const model: PipelineModel = { ...tinyModel(), prediction: 'x0', schedule };
  const { onnx, safetensors } = exportModelFiles(model);
  const expected = {
    program: `ts-diffusion ${packageVersion()}`,
    prediction: 'x0',
    schedule: 'cosine',
    timesteps: '77',
    rescaleBetas: 'false',
    zeroTerminalSnr: 'true',
    classes: '10',
    imageSize: '8',
    model: JSON.stringify(tinyUNet),
    noClassLabel: '-1',
  };
  expect(readModelSummary(onnx).metadata).toEqual(expected);
  expect(decodeSafetensors(safetensors, 'model.safetensors').metadata).toEqual({
    format: 'pt',
    ...expected,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
});

test('a model that predicts the flow is read as it was written', () => {
  const schedule = createNoiseSchedule('flow', 77);
  const { safetensors } = exportModelFiles({ ...tinyModel(), prediction: 'flow', schedule });
  expect(decodeModelFile(safetensors, 'model.safetensors')).toMatchObject({ prediction: 'flow', schedule });
});

test('float16 is refused for a weight that it does not hold', () => {
  const { parameters, ...model } = tinyModel();
  const exportWith = (weight: number): unknown =>
    exportModelFiles({ ...model, parameters: parameters.slice().fill(weight, 7, 8) }, { half: true });
  // 65504 is the largest float16; from halfway to 65536 on, a number rounds to infinity.
  expect(exportWith(-65519)).toBeDefined();
  expect(() => exportWith(-65520)).toThrow(/-65520, which is infinite in float16\. Export without --half/);
});

test('an exported model is drawn from as before: both files remember how', async () => {
  const sampling = { sampler: 'ddim', samplingSteps: 4, spacing: 'trailing', guidanceWeight: 2, eta: 0.3 } as const;
  const model: PipelineModel = { ...tinyModel(), guidanceWeight: 0.3, sampling };
  const { onnx, safetensors } = exportModelFiles(model);
  expect(JSON.parse(readModelSummary(onnx).metadata['sampling'] ?? '')).toEqual(sampling);
  const exported = decodeModelFile(safetensors, 'model.safetensors');
  const runtime = await createNodeRuntime({ threads: 1 });
  const draw = async (each: PipelineModel, options: object = {}) => {
    const pipeline = new DiffusionPipeline(runtime, each);
    const { images } = await pipeline.generate({ labels: [3, 1], ...options });
    await pipeline.dispose();
    return images;
  };
  expect(await draw(exported)).toEqual(await draw(model));
  expect(await draw(exported)).toEqual(await draw(model, sampling));
  expect(await draw(exported)).not.toEqual(await draw(tinyModel()));
});

test('an exported model whose way of being drawn from is damaged is refused', () => {
  const { tensors, metadata } = decodeSafetensors(exportModelFiles(tinyModel()).safetensors, 'it');
  const damaged = encodeWithDigest(tensors, { ...metadata, sampling: '{"sampler":"dimm"}' });
  expect(() => decodeModelFile(damaged, 'it')).toThrow(
    /^it: its metadata .* "sampling": sampler is dimm; expected one of/,
  );
});

test('an exported model says what it was trained on, and one that does not know says nothing', () => {
  const known = { ...tinyModel(), trainedOn: 'ab'.repeat(32) };
  expect(decodeModelFile(exportModelFiles(known).safetensors, 'it').trainedOn).toBe(known.trainedOn);
  const { safetensors } = exportModelFiles(tinyModel());
  expect(decodeModelFile(safetensors, 'it')).not.toHaveProperty('trainedOn');
});

test('an exported model keeps its tone curve, and a damaged one is refused', () => {
  const toneCurve = [Uint8Array.from({ length: 256 }, (_, level) => (level < 9 ? 0 : level))];
  const { safetensors } = exportModelFiles({ ...tinyModel(), toneCurve });
  expect(decodeModelFile(safetensors, 'it').toneCurve).toEqual(toneCurve);
  expect(decodeModelFile(exportModelFiles(tinyModel()).safetensors, 'it')).not.toHaveProperty('toneCurve');
  const { tensors, metadata } = decodeSafetensors(safetensors, 'it');
  const damaged = encodeWithDigest(tensors, { ...metadata, toneCurve: '[[3,2,1]]' });
  expect(() => decodeModelFile(damaged, 'it')).toThrow(/^it: its metadata .* "toneCurve" is not 1 lists of 256/);
});
