import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InceptionFeatures } from '../../../src/evaluation/inception/features.js';
import type { InceptionWeights } from '../../../src/evaluation/inception/weights.js';
import type { NamedTensor } from '../../../src/nn/parameters.js';
import { createNodeRuntime } from '../../../src/node/runtime/node.js';
import { DataError, EvaluationError } from '../../../src/utils/errors.js';
import {
  goldenImages,
  goldenInceptionWeights,
  readInceptionGolden,
  type InceptionGolden,
} from '../../golden/inception.js';

const golden = readInceptionGolden();
const gray = golden.cases.find(({ channels }) => channels === 1) as InceptionGolden['cases'][number];

let weights: InceptionWeights;
let network: InceptionFeatures;
beforeAll(async () => {
  weights = goldenInceptionWeights();
  network = new InceptionFeatures(await createNodeRuntime(), weights);
}, 60_000);
afterAll(() => network.dispose());

describe('Inception features', () => {
  it.each(golden.cases)("are pytorch-fid's: $name, $height x $width", async (each) => {
    const features = await network.extract(goldenImages(each), { batchSize: 2 });
    expect(features.length).toBe(each.count * network.dimension);
    const recorded = features.filter((_, i) => i % golden.step === 0);
    // A ReLU leaves features near 0 that have no relative precision; the mean feature is about 7.
    expect(recorded).toBeCloseToTensor(each.features, { rtol: 2e-5, atol: 2e-5 });
    const norms = each.norms.map((_, image) =>
      Math.hypot(...features.subarray(image * network.dimension, (image + 1) * network.dimension)),
    );
    expect(norms).toBeCloseToTensor(each.norms, { rtol: 1e-5 });
  });

  it('do not depend on the batch', async () => {
    const each = goldenImages(gray);
    const alone = await network.extract(each, { batchSize: 1 });
    const together = await network.extract(each, { batchSize: 7 });
    expect(together).toEqual(alone);
  });

  it('are extracted with progress', async () => {
    const shares: number[] = [];
    await network.extract(goldenImages(gray), { batchSize: 1, onProgress: (share) => shares.push(share) });
    expect(shares).toEqual([0.5, 1]);
  });

  it('need images that fit their shape, and a batch size', async () => {
    const set = goldenImages(gray);
    await expect(network.extract({ ...set, count: 3 })).rejects.toThrow(EvaluationError);
    await expect(network.extract({ ...set, images: new Uint8Array(), count: 0 })).rejects.toThrow(
      '0 images of 28x28 with 1 channels do not match 0 bytes',
    );
    await expect(network.extract(set, { batchSize: 0 })).rejects.toThrow('The batch size must be a whole number');
  });

  it.each([
    [
      'missing',
      (tensors: Map<string, NamedTensor>) => tensors.delete('Mixed_7c.branch_pool.bn.running_var'),
      'weights.pth has no tensor Mixed_7c.branch_pool.bn.running_var [192]',
    ],
    [
      'misshapen',
      (tensors: Map<string, NamedTensor>) =>
        tensors.set('Mixed_6b.branch7x7_2.conv.weight', { shape: [128, 128, 7, 1], data: new Float32Array(0) }),
      "weights.pth: tensor Mixed_6b.branch7x7_2.conv.weight is [128,128,7,1]; Inception-v3 as pytorch-fid's has [128,128,1,7]",
    ],
  ])('name a tensor that is %s', async (_, damage, message) => {
    const tensors = new Map(weights.tensors);
    damage(tensors);
    const broken = new InceptionFeatures(await createNodeRuntime(), { ...weights, tensors });
    const extracted = broken.extract(goldenImages(gray));
    await expect(extracted).rejects.toThrow(DataError);
    await expect(extracted).rejects.toThrow(message);
  });
});
