import { beforeAll, describe, expect, it } from 'vitest';
import { input, lower, loweringTarget } from '../../src/graph/index.js';
import { foldBatchNorms } from '../../src/classifier/batch-norm-folding.js';
import {
  buildClassifier,
  classifierParameters,
  trainedParameters,
  type ClassifierNetwork,
} from '../../src/classifier/classifier-network.js';
import { evaluatorNetwork } from '../../src/classifier/evaluator.js';
import { featureNetwork } from '../../src/classifier/feature-network.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { measureMoments } from '../../src/classifier/batch-norm-moments.js';
import { classifierObjective } from '../../src/classifier/classifier-objective.js';
import { lossAndGradient } from '../../src/training/optimizer-step.js';
import { goldenImages, readClassifierGolden, type GoldenClassifier } from '../golden/classifiers.js';
import { deterministicParameters } from '../golden/deterministic-weights.js';
import { expectGradientSummaries, float } from './golden-denoiser.js';

const golden = readClassifierGolden();
const { images, targets } = goldenImages(golden.inputs);
const batch = golden.inputs.labels.length;
const imagesShape = [batch, 1, 28, 28];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu' });
});

/** Weights by the name's hash, in the form in which the network is trained. */
function trainedWeights(network: ClassifierNetwork): Float32Array {
  const layout = trainedParameters(network);
  return layout.fromNamedTensors(deterministicParameters(layout.specs));
}

async function expectOutputs(network: ClassifierNetwork, weights: Float32Array, expected: GoldenClassifier) {
  const program = await runtime.compile(buildClassifier(network, weights, batch, 'cpu'));
  const { logits, features } = await program.run({ images: float(imagesShape, images) });
  await program.dispose();
  expect(logits?.data as Float32Array).toBeCloseToTensor(expected.logits, { atol: 1e-5 });
  expect(features?.shape).toEqual([batch, network.features]);
  const { first, sum } = expected.features;
  expect((features?.data as Float32Array).subarray(0, first.length)).toBeCloseToTensor(first, { atol: 1e-5 });
  expect((features?.data as Float32Array).reduce((a, b) => a + b, 0) / sum).toBeCloseTo(1, 5);
}

async function expectGradients(
  network: ClassifierNetwork,
  purpose: 'training' | 'inference',
  expected: GoldenClassifier,
) {
  const objective = classifierObjective(network, batch);
  const outputs = lossAndGradient(objective, input('parameters', [objective.layout.size]));
  const target = loweringTarget('cpu', purpose);
  const program = await runtime.compile({ model: lower({ ...outputs }, { name: 'gradient', target }) });
  const { loss, gradient } = await program.run({
    parameters: float([objective.layout.size], trainedWeights(network)),
    images: float(imagesShape, images),
    targets: float([batch, network.classes], targets),
  });
  await program.dispose();
  const gradients = objective.layout.toNamedTensors(gradient?.data as Float32Array);
  expectGradientSummaries({ loss: Number(loss?.data[0]), gradients }, expected);
}

describe("the paper's evaluator", () => {
  it('has 83,466 parameters', () => {
    expect(classifierParameters(evaluatorNetwork).size).toBe(83_466);
  });

  it("gives PyTorch's logits and features", async () => {
    await expectOutputs(evaluatorNetwork, trainedWeights(evaluatorNetwork), golden.evaluator);
  });

  it.each(['training', 'inference'] as const)("has PyTorch's gradients in the %s layout", async (purpose) => {
    await expectGradients(evaluatorNetwork, purpose, golden.evaluator);
  });
});

describe('the feature network', () => {
  it('without its batch normalisations still gives what PyTorch gives with them', async () => {
    const weights = trainedWeights(featureNetwork);
    const moments = await measureMoments(runtime, featureNetwork, weights, batch, [images]);
    const folded = foldBatchNorms(featureNetwork, weights, moments);
    await expectOutputs(featureNetwork, folded, golden.featureNetwork);
  });

  it.each(['training', 'inference'] as const)("has PyTorch's gradients in the %s layout", async (purpose) => {
    await expectGradients(featureNetwork, purpose, golden.featureNetwork);
  });

  it('measures moments over batches as over all their images at once', async () => {
    const weights = trainedWeights(featureNetwork);
    const half = images.length / 2;
    const [whole, halves] = await Promise.all([
      measureMoments(runtime, featureNetwork, weights, batch, [images]),
      measureMoments(runtime, featureNetwork, weights, batch / 2, [images.subarray(0, half), images.subarray(half)]),
    ]);
    // Only of the first layer: what the others see depends on how the first normalises each batch.
    expect(halves.get('conv1')?.mean).toBeCloseToTensor(whole.get('conv1')?.mean ?? [], { rtol: 1e-5 });
    expect(halves.get('conv1')?.variance).toBeCloseToTensor(whole.get('conv1')?.variance ?? [], { rtol: 1e-5 });
  });
});
