import { describe, expect, it } from 'vitest';
import { decodeClassifier, encodeClassifier, networksFor } from '../../src/classifier/classifier-file.js';
import { classifierParameters } from '../../src/classifier/classifier-network.js';
import { classifierRecipeFor } from '../../src/classifier/classifier-recipes.js';
import { Classifier } from '../../src/classifier/classifier.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { CheckpointError, EvaluationError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';

const runtime = await createNodeRuntime({ threads: 1 });

describe.each(['evaluator', 'feature-network'] as const)('the %s for other images', (name) => {
  it.each([8, 9, 31, 33, 63, 65, 127, 128])('takes images of side %i, gray and RGB', async (imageSize) => {
    for (const imageChannels of [1, 3]) {
      const network = networksFor[name]({ imageSize, imageChannels, classes: 7 });
      const classifier = new Classifier(runtime, network, classifierParameters(network).initialise(1));
      const random = new RandomStream(2);
      const images = Uint8Array.from({ length: 2 * imageChannels * imageSize ** 2 }, () => random.integer(256));
      const given = { images, height: imageSize, width: imageSize, channels: imageChannels };
      const { probabilities, features } = await classifier.classify(given);
      expect([probabilities.length, features.length]).toEqual([14, 2 * network.features]);
      const [first, second] = [features.subarray(0, network.features), features.subarray(network.features)];
      expect(first.every(Number.isFinite)).toBe(true);
      expect(first).not.toEqual(second);
      const otherwise = { ...given, channels: 4 - imageChannels };
      await expect(classifier.classify(otherwise)).rejects.toBeInstanceOf(EvaluationError);
      await classifier.dispose();
    }
  });

  it('is the same when it was kept in a file', () => {
    const network = networksFor[name]({ imageSize: 20, imageChannels: 3, classes: 4, task: 'turns' });
    const parameters = classifierParameters(network).initialise(1);
    const file = encodeClassifier(network, parameters, 'f'.repeat(64));
    const read = decodeClassifier(file, 'a test');
    expect(read.network).toMatchObject({ name, imageSize: 20, imageChannels: 3, classes: 4, task: 'turns' });
    expect(read.parameters).toEqual(parameters);
    expect(read.trainedOn).toBe('f'.repeat(64));
  });
});

it('refuses a file whose images are of no kind that there is', () => {
  const network = networksFor.evaluator({ imageSize: 20, imageChannels: 3, classes: 4 });
  const file = encodeClassifier(network, classifierParameters(network).initialise(1));
  const text = Buffer.from(file).toString('latin1');
  const damaged = Buffer.from(text.replace('imageChannels\\":3', 'imageChannels\\":5'), 'latin1');
  expect(damaged.equals(Buffer.from(file))).toBe(false);
  expect(() => decodeClassifier(damaged, 'a test')).toThrow(CheckpointError);
  expect(() => decodeClassifier(damaged, 'a test')).toThrow('which is no shape of images');
});

it('trains for at least 500 steps, for more passes over more images, and for no longer than large sets allow', () => {
  const shape = { imageSize: 32, imageChannels: 3, classes: 4 };
  const stepsFor = (count: number): number => {
    const { epochs, stepsPerEpoch = NaN } = classifierRecipeFor('features', shape, count).training;
    return epochs * stepsPerEpoch;
  };
  expect(stepsFor(200)).toBe(500);
  expect(stepsFor(8000)).toBe(1000);
  // 400,000 images of 28×28 pixels at most, as many pixels of larger ones, in whole epochs.
  const most = Math.floor((400_000 * (28 / 32) ** 2) / 64);
  expect(stepsFor(1_000_000)).toBe(most);
  expect(stepsFor(60_000)).toBe(Math.floor(most / Math.ceil(60_000 / 64)) * Math.ceil(60_000 / 64));
});
