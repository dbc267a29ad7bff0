import { expect } from 'vitest';
import type { LossName } from '../../src/training/loss-names.js';
import { input, lower, loweringTarget } from '../../src/graph/index.js';
import { denoiserParameters, type DenoiserConfig } from '../../src/models/denoiser-network.js';
import { buildDenoiser, exportDenoiser } from '../../src/models/denoiser-program.js';
import type { HostTensor, Runtime } from '../../src/runtime/types.js';
import { lossAndGradient } from '../../src/training/optimizer-step.js';
import { denoisingObjective } from '../../src/training/denoising-objective.js';
import { deterministicParameters } from '../golden/deterministic-weights.js';
import { goldenBatch, type GoldenGradients, type GoldenInputs, type GoldenTensor } from '../golden/unet.js';
import type { GoldenSummary } from '../golden/unet.js';

export const float = (shape: readonly number[], data: ArrayLike<number>): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** float32 cannot do better than float32: what PyTorch itself misses, several times over, or 1e-5. */
const allowed = (float32Error: { readonly relative: number }): number => Math.max(1e-5, 5 * float32Error.relative);

/** The prediction of a network with deterministic weights, by the denoiser program or by the exported denoiser.onnx. */
export async function goldenPrediction(
  runtime: Runtime,
  model: DenoiserConfig,
  inputs: GoldenInputs,
  by: 'program' | 'export',
): Promise<Float32Array> {
  const layout = denoiserParameters(model);
  const parameters = layout.fromNamedTensors(deterministicParameters(layout.specs));
  const { x, timesteps, labels } = goldenBatch(inputs, model.imageSize);
  const batch = timesteps.length;
  const program = await runtime.compile(
    by === 'export' ? { model: exportDenoiser(model, parameters) } : buildDenoiser(model, parameters, batch, 'cpu'),
  );
  const { prediction } = await program.run({
    x: float([batch, 1, model.imageSize, model.imageSize], x),
    t: float([batch], timesteps),
    label:
      by === 'export'
        ? { dtype: 'int64', shape: [batch], data: BigInt64Array.from(labels, BigInt) }
        : float([batch], labels),
  });
  await program.dispose();
  return prediction?.data as Float32Array;
}

/** Where the gradients of a network are computed, and of what. */
interface GradientRun {
  readonly model: DenoiserConfig;
  readonly inputs: GoldenInputs;
  readonly loss: LossName;
  /** Whose layout of images. */
  readonly purpose: 'training' | 'inference';
}

interface LossAndGradients {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}

/** The loss and all gradients of a network with deterministic weights. */
export async function goldenGradients(
  runtime: Runtime,
  { model, inputs, loss, purpose }: GradientRun,
): Promise<LossAndGradients> {
  const { x, noise, timesteps, labels } = goldenBatch(inputs, model.imageSize);
  const batchSize = timesteps.length;
  const objective = denoisingObjective({ model, batchSize, loss });
  const { layout } = objective;
  const outputs = lossAndGradient(objective, input('parameters', [layout.size]));
  const program = await runtime.compile({
    model: lower({ ...outputs }, { name: 'gradient', target: loweringTarget('cpu', purpose) }),
  });
  const shape = [batchSize, 1, model.imageSize, model.imageSize];
  const result = await program.run({
    parameters: float([layout.size], layout.fromNamedTensors(deterministicParameters(layout.specs))),
    noisyImages: float(shape, x),
    target: float(shape, noise),
    timesteps: float([batchSize], timesteps),
    labels: float([batchSize], labels),
  });
  await program.dispose();
  return {
    loss: Number(result['loss']?.data[0]),
    gradients: layout.toNamedTensors(result['gradient']?.data as Float32Array),
  };
}

/** Every element of every gradient is PyTorch's. */
export function expectGradients(actual: LossAndGradients, expected: GoldenGradients<GoldenTensor>): void {
  expect(actual.loss / expected.loss).toBeCloseTo(1, 6);
  expect([...actual.gradients.keys()].sort()).toEqual(Object.keys(expected.gradients).sort());
  for (const [name, { shape, values, float32Error }] of Object.entries(expected.gradients)) {
    const gradient = actual.gradients.get(name);
    expect(gradient?.shape).toEqual(shape);
    expect(relativeError(gradient?.data ?? [], values), name).toBeLessThan(allowed(float32Error));
  }
}

/** The norm of every gradient and its first elements are PyTorch's. */
export function expectGradientSummaries(actual: LossAndGradients, expected: GoldenGradients<GoldenSummary>): void {
  expect(actual.loss / expected.loss).toBeCloseTo(1, 6);
  for (const [name, { norm, first, float32Error }] of Object.entries(expected.gradients)) {
    const data = actual.gradients.get(name)?.data ?? new Float32Array();
    const tolerance = allowed(float32Error);
    expect(Math.abs(Math.hypot(...chunkNorms(data)) / norm - 1), name).toBeLessThan(tolerance);
    const scale = norm / Math.sqrt(data.length);
    expect(data.subarray(0, first.length)).toBeCloseToTensor(first, { rtol: tolerance, atol: 10 * tolerance * scale });
  }
}

/** |a − b|₂ / |b|₂ */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const expected = b[i] ?? NaN;
    difference += ((a[i] ?? NaN) - expected) ** 2;
    norm += expected ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Norms of pieces short enough to be spread as arguments. */
function chunkNorms(data: Float32Array): number[] {
  const norms: number[] = [];
  for (let i = 0; i < data.length; i += 1000) norms.push(Math.hypot(...data.subarray(i, i + 1000)));
  return norms;
}
