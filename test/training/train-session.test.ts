import { describe, expect, it } from 'vitest';
import { paperUNet } from '../../src/models/unet.js';
import { createNodeRuntime } from '../../src/runtime/node.js';
import { adamScalars, adamDefaults } from '../../src/training/optimizer.js';
import { TrainSession } from '../../src/training/train-session.js';
import { deterministicParameters } from '../golden/deterministic-weights.js';
import { goldenBatch, readUNetGolden } from '../golden/unet.js';

const { adam } = readUNetGolden();
const model = { ...paperUNet, ...adam.config };

async function createSession(batchSize: number): Promise<TrainSession> {
  return TrainSession.create(await createNodeRuntime({ device: 'cpu', threads: 1 }), {
    model,
    batchSize,
    loss: adam.loss,
  });
}

describe('a training session', () => {
  it("takes the steps of PyTorch's Adam", async () => {
    const batches = adam.steps.map(({ inputs }) => goldenBatch(inputs, model.imageSize));
    const session = await createSession(batches[0]?.timesteps.length ?? 0);
    const { layout } = session;
    const parameters = layout.fromNamedTensors(deterministicParameters(layout.specs));
    const zeros = new Float32Array(layout.size);
    session.writeState({ parameters, firstMoment: zeros, secondMoment: zeros, ema: parameters });
    const emaDecay = 0.9;
    let expectedEma = Float64Array.from(parameters);
    for (const [index, { x, noise, timesteps, labels }] of batches.entries()) {
      const loss = await session.step(
        { noisyImages: x, target: noise, timesteps: Float32Array.from(timesteps), labels: Int32Array.from(labels) },
        { step: index + 1, learningRate: adam.optimizer.learningRate, emaDecay },
      );
      expect(loss / (adam.steps[index]?.loss ?? NaN)).toBeCloseTo(1, 5);
      const current = (await session.readState()).parameters;
      expectedEma = expectedEma.map((value, i) => emaDecay * value + (1 - emaDecay) * (current[i] ?? NaN));
    }
    const state = await session.readState();
    await session.dispose();
    const named = layout.toNamedTensors(state.parameters);
    // Adam divides gradients by their own size, so that the rounding of a vanishing one shows: a hundredth of a step.
    const atol = adam.optimizer.learningRate / 100;
    for (const [name, { values }] of Object.entries(adam.parameters)) {
      expect(named.get(name)?.data ?? []).toBeCloseToTensor(values, { atol });
    }
    expect(state.ema).toBeCloseToTensor(expectedEma, { atol: 1e-6 });
  });

  it('computes the scalars of a step by the textbook: η m̂/(√v̂ + ε) for m, v of the first step', () => {
    const gradient = 0.3;
    const [m, v] = [0.1 * gradient, 0.001 * gradient ** 2];
    const { stepSize, correctedEpsilon } = adamScalars(1, 1e-3, adamDefaults);
    const textbook = (1e-3 * (m / (1 - 0.9))) / (Math.sqrt(v / (1 - 0.999)) + 1e-8);
    expect((stepSize * m) / (Math.sqrt(v) + correctedEpsilon) / textbook).toBeCloseTo(1, 9);
  });
});
