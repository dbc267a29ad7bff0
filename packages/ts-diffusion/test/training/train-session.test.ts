import { describe, expect, it } from 'vitest';
import type { DenoiserConfig } from '../../src/models/denoiser-network.js';
import { paperUNet } from '../../src/models/unet.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { adamDefaults, adamScalars } from '../../src/training/optimizer.js';
import { initialState } from '../../src/training/optimizer-session.js';
import { TrainSession, type TrainBatch, type TrainSessionOptions } from '../../src/training/train-session.js';
import { deterministicParameters } from '../golden/deterministic-weights.js';
import { readModernUNetGolden } from '../golden/modern-unet.js';
import { goldenBatch, readUNetGolden, type GoldenInputs, type GoldenSteps } from '../golden/unet.js';

const golden = readUNetGolden();
const EMA_DECAY = 0.9;

async function createSession(options: TrainSessionOptions): Promise<TrainSession> {
  return TrainSession.create(await createNodeRuntime({ device: 'cpu', threads: 1 }), options);
}

function batchOf(inputs: GoldenInputs, imageSize: number): TrainBatch {
  const { x, noise, timesteps, labels } = goldenBatch(inputs, imageSize);
  return { noisyImages: x, target: noise, timesteps, labels };
}

/** Takes the recorded steps from the recorded weights, comparing the losses. */
async function takeSteps({ config, loss, optimizer, steps }: GoldenSteps<unknown>) {
  const model: DenoiserConfig = { ...paperUNet, ...config };
  const batchSize = steps[0]?.inputs.labels.length ?? 0;
  const session = await createSession({ model, batchSize, loss, ...optimizer });
  const { layout } = session;
  const parameters = layout.fromNamedTensors(deterministicParameters(layout.specs));
  const zeros = new Float32Array(layout.size);
  session.writeState({ parameters, firstMoment: zeros, secondMoment: zeros, ema: parameters });
  let expectedEma = Float64Array.from(parameters);
  for (const [index, { inputs, loss: expected }] of steps.entries()) {
    const scalars = { step: index + 1, learningRate: optimizer.learningRate, emaDecay: EMA_DECAY };
    expect((await session.step(batchOf(inputs, model.imageSize), scalars)) / expected).toBeCloseTo(1, 5);
    const current = (await session.readState()).parameters;
    expectedEma = expectedEma.map((value, i) => EMA_DECAY * value + (1 - EMA_DECAY) * (current[i] ?? NaN));
  }
  const state = await session.readState();
  await session.dispose();
  // Adam divides gradients by their own size, so that the rounding of a vanishing one shows: a hundredth of a step.
  return { state, expectedEma, named: layout.toNamedTensors(state.parameters), atol: optimizer.learningRate / 100 };
}

describe('a training session', () => {
  it("takes the steps of PyTorch's Adam", async () => {
    const { named, atol, state, expectedEma } = await takeSteps(golden.adam);
    for (const [name, { values }] of Object.entries(golden.adam.parameters)) {
      expect(named.get(name)?.data ?? []).toBeCloseToTensor(values, { atol });
    }
    expect(state.ema).toBeCloseToTensor(expectedEma, { atol: 1e-6 });
  });

  it("takes the steps of PyTorch's AdamW after clip_grad_norm_, which two of the three gradients are too long for", async () => {
    const { gradientClip, weightDecay } = golden.adamW.optimizer;
    expect(weightDecay).toBeGreaterThan(0);
    expect(golden.adamW.steps.map(({ gradientNorm }) => gradientNorm > gradientClip)).toEqual([true, true, false]);
    const { named, atol } = await takeSteps(golden.adamW);
    for (const [name, { first, norm }] of Object.entries(golden.adamW.parameters)) {
      const data = named.get(name)?.data ?? new Float32Array();
      expect(data.subarray(0, first.length)).toBeCloseToTensor(first, { atol });
      expect(Math.sqrt(data.reduce((sum, value) => sum + value * value, 0)) / norm).toBeCloseTo(1, 4);
    }
  });

  it('computes the scalars of a step by the textbook: η m̂/(√v̂ + ε) for m, v of the first step', () => {
    const gradient = 0.3;
    const [m, v] = [0.1 * gradient, 0.001 * gradient ** 2];
    const { stepSize, correctedEpsilon } = adamScalars(1, 1e-3, adamDefaults);
    const textbook = (1e-3 * (m / (1 - 0.9))) / (Math.sqrt(v / (1 - 0.999)) + 1e-8);
    expect((stepSize * m) / (Math.sqrt(v) + correctedEpsilon) / textbook).toBeCloseTo(1, 9);
  });

  it("weighs each image's loss", async () => {
    const { config, inputs } = golden.smallGradients;
    const model: DenoiserConfig = { ...paperUNet, ...config };
    const batch = batchOf(inputs, model.imageSize);
    const lossOf = async (weights: readonly number[]): Promise<number> => {
      const session = await createSession({ model, batchSize: 3, loss: 'l2', weighted: true });
      session.writeState(initialState(session.layout, 1));
      const scalars = { step: 1, learningRate: 1e-3, emaDecay: 0 };
      const loss = await session.step({ ...batch, weights: Float32Array.from(weights) }, scalars);
      await session.dispose();
      return loss;
    };
    const each = [await lossOf([1, 0, 0]), await lossOf([0, 1, 0]), await lossOf([0, 0, 1])] as const;
    expect(Math.min(...each)).toBeGreaterThan(0);
    expect(await lossOf([2, 0.5, 3])).toBeCloseTo(2 * each[0] + 0.5 * each[1] + 3 * each[2], 5);
  });

  describe('with dropout', () => {
    const { config, inputs } = readModernUNetGolden().patchedGradients;
    const model: DenoiserConfig = {
      architecture: 'modern-unet',
      attention: 'bottleneck',
      imageChannels: 1,
      ...config,
    };
    const batch = batchOf(inputs, model.imageSize);
    /** The loss of one step, from weights none of which is zero. */
    const lossOf = async (probability: number, seed = 1, step = 1): Promise<number> => {
      const session = await createSession({ model, batchSize: 3, loss: 'l2', dropout: { probability, seed } });
      const parameters = session.layout.fromNamedTensors(deterministicParameters(session.layout.specs));
      session.writeState({ ...initialState(session.layout, 0), parameters });
      const loss = await session.step(batch, { step, learningRate: 1e-3, emaDecay: 0 });
      await session.dispose();
      return loss;
    };

    it('drops what seed and step say', async () => {
      const loss = await lossOf(0.3);
      expect(await lossOf(0.3)).toBe(loss);
      expect(await lossOf(0.3, 2)).not.toBe(loss);
      expect(await lossOf(0.3, 1, 2)).not.toBe(loss);
      expect(await lossOf(0)).not.toBe(loss);
    });

    it("is refused by a network that has none: the paper's", async () => {
      const paper: DenoiserConfig = { ...paperUNet, ...golden.smallGradients.config };
      const dropout = { probability: 0.1, seed: 1 };
      await expect(createSession({ model: paper, batchSize: 3, loss: 'l2', dropout })).rejects.toThrow('no dropout');
    });
  });
});
