import { describe, expect, it, test } from 'vitest';
import {
  add,
  input,
  lower,
  loweringTarget,
  matmul,
  reduceSum,
  reshape,
  square,
  sub,
  type Tensor,
} from '../../src/graph/index.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { ParameterLayout, type ParameterScope, type ParameterSpec } from '../../src/nn/parameters.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { matrixOf, orthogonalUpdate } from '../../src/training/muon.js';
import { initialState, OptimizerSession, type TrainState } from '../../src/training/optimizer-session.js';
import type { Objective } from '../../src/training/optimizer-step.js';
import { RandomStream } from '../../src/utils/random.js';
import { tinyDataset } from './tiny-run.js';

const runtime = await createNodeRuntime({ device: 'cpu', threads: 1 });
const host = (shape: readonly number[], data: Float32Array) => ({ dtype: 'float32', shape, data }) as const;

const random = (seed: number, count: number): Float32Array => {
  const values = new Float32Array(count);
  new RandomStream(seed).fillNormal(values);
  return values;
};

async function orthogonal(rows: number, columns: number, data: Float32Array): Promise<Float32Array> {
  const output = orthogonalUpdate(input('matrix', [rows, columns]));
  const model = lower({ output }, { name: 'orthogonal', target: loweringTarget('cpu', 'training') });
  const program = await runtime.compile({ model });
  const result = await program.run({ matrix: host([rows, columns], data) });
  await program.dispose();
  return result['output']?.data as Float32Array;
}

/** The reflection I − 2·v·vᵀ/‖v‖², an orthogonal matrix [n, n]. */
function reflection(n: number, seed: number): number[][] {
  const v = Array.from(random(seed, n));
  const norm = v.reduce((sum, each) => sum + each * each, 0);
  return v.map((a, i) => v.map((b, j) => Number(i === j) - (2 * a * b) / norm));
}

/** U·diag(values)·Vᵀ in double precision, where U and V are the first columns of two reflections. */
function withSingularValues(rows: number, columns: number, values: readonly number[]): Float32Array {
  const [u, v] = [reflection(rows, 1), reflection(columns, 2)];
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const [i, j] = [Math.floor(index / columns), index % columns];
    return values.reduce((sum, value, k) => sum + (u[i]?.[k] ?? NaN) * value * (v[j]?.[k] ?? NaN), 0);
  });
}

/** The polynomial of Jordan's program, five times. */
function polynomial(singularValue: number): number {
  let x = singularValue;
  for (let iteration = 0; iteration < 5; iteration++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
  return x;
}

describe("Muon's update of a matrix", () => {
  it.each([
    [16, 40],
    [40, 16],
    [24, 24],
  ])('%i by %i: the polynomial of its singular values, between the same singular vectors', async (rows, columns) => {
    const values = Array.from({ length: Math.min(rows, columns) }, (_, k) => 5 * 0.75 ** k);
    const norm = Math.hypot(...values);
    const size = 0.2 * Math.sqrt(Math.max(rows, columns));
    const expected = withSingularValues(
      rows,
      columns,
      values.map((value) => size * polynomial(value / norm)),
    );
    const update = await orthogonal(rows, columns, withSingularValues(rows, columns, values));
    expect(update).toBeCloseToTensor(expected, { atol: 2e-3 });
  });

  it('has elements of the size of those of Adam, about 0.2, whatever the size of the gradient', async () => {
    for (const size of [1e-6, 1e6]) {
      const update = await orthogonal(
        32,
        64,
        random(3, 32 * 64).map((value) => size * value),
      );
      const rms = Math.sqrt(update.reduce((sum, value) => sum + value * value, 0) / update.length);
      expect(rms).toBeGreaterThan(0.7 * 0.2 * Math.SQRT1_2);
      expect(rms).toBeLessThan(1.2 * 0.2);
    }
  });

  it('of zeros is zeros', async () => {
    expect(new Set(await orthogonal(16, 16, new Float32Array(256)))).toEqual(new Set([0]));
  });
});

test('filters and the weights of wide layers are matrices; biases, normalisations, classes and the last convolution are not', () => {
  const config = resolveTrainConfig('paper', {
    model: 'modern-unet',
    channels: [16, 24],
    blocks: [1, 1],
    patchSize: 2,
  });
  const { specs } = denoiserParameters(modelFor(config, tinyDataset()));
  const sides = new Map(
    specs.map((spec: ParameterSpec): [string, string | undefined] => {
      const matrix = matrixOf(spec);
      return [spec.name, matrix && `${matrix.rows}x${matrix.columns}`];
    }),
  );
  expect(sides.get('stem.weight')).toBe('16x36');
  expect(sides.get('down1.block1.conv1.weight')).toBe('16x144');
  expect(sides.get('down1.downsample.weight')).toBe('24x64');
  expect(sides.get('up1.upsample.weight')).toBe('64x24');
  expect(sides.get('time1.weight')).toBe('64x64');
  for (const name of ['output.weight', 'label.weight', 'stem.bias', 'norm.weight']) {
    expect(sides.has(name)).toBe(true);
    expect(sides.get(name)).toBeUndefined();
  }
});

const [ROWS, COLUMNS, BATCH] = [16, 20, 4];
const linearModel = (parameters: ParameterScope): Tensor => {
  const weight = parameters.get('weight', { shape: [ROWS, COLUMNS], initialBound: 1 });
  const bias = parameters.get('bias', { shape: [ROWS], initialBound: 1 });
  return add(matmul(input('x', [BATCH, COLUMNS]), weight, { transposeB: true }), reshape(bias, [1, ROWS]));
};
const leastSquares: Objective = {
  layout: new ParameterLayout(linearModel),
  loss: (parameters) => reduceSum(square(sub(linearModel(parameters), input('y', [BATCH, ROWS]))), [0, 1]),
};
const batches = [1, 2].map((seed) => ({
  x: host([BATCH, COLUMNS], random(seed, BATCH * COLUMNS)),
  y: host([BATCH, ROWS], random(seed + 10, BATCH * ROWS)),
}));
const [LEARNING_RATE, MOMENTUM, WEIGHT_DECAY] = [1e-2, 0.95, 0.1];

async function takeSteps(optimizer: 'adam' | 'muon'): Promise<TrainState[]> {
  const options = { name: 'least_squares', optimizer, betas: [MOMENTUM, 0.99], weightDecay: WEIGHT_DECAY } as const;
  const session = await OptimizerSession.create(runtime, leastSquares, options);
  const states = [initialState(leastSquares.layout, 0)];
  session.writeState(states[0] as TrainState);
  for (const [index, batch] of batches.entries()) {
    await session.step(batch, { step: index + 1, learningRate: LEARNING_RATE, emaDecay: 0.9 });
    states.push(await session.readState());
  }
  await session.dispose();
  return states;
}

test('a session steps along the orthogonal Nesterov momentum of the matrix, and as Adam for the bias', async () => {
  const size = ROWS * COLUMNS;
  const states = await takeSteps('muon');
  for (const [step, { parameters, firstMoment }] of states.slice(1).entries()) {
    const before = states[step] as TrainState;
    // The gradient is (m_k − β·m_{k−1})/(1 − β), so the momentum is β·m_k + (1 − β)·g.
    const momentum = firstMoment
      .subarray(0, size)
      .map((now, i) => now + MOMENTUM * now - MOMENTUM * (before.firstMoment[i] as number));
    const update = await orthogonal(ROWS, COLUMNS, momentum);
    const expected = update.map(
      (value, i) => (1 - LEARNING_RATE * WEIGHT_DECAY) * (before.parameters[i] as number) - LEARNING_RATE * value,
    );
    expect(parameters.subarray(0, size)).toBeCloseToTensor(expected, { atol: 1e-5 });
  }
  const [, muon] = states;
  const [, adam] = await takeSteps('adam');
  expect(muon?.parameters.subarray(size)).toEqual(adam?.parameters.subarray(size));
  expect(muon?.parameters.subarray(0, size)).not.toEqual(adam?.parameters.subarray(0, size));
});
