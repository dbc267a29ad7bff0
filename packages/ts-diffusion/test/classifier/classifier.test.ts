import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { loadEmbeddedDigits } from '../../src/node/data/embedded.js';
import { loadDataset } from '../../src/node/data/sources.js';
import { classify } from '../../src/classifier/classification.js';
import {
  classifierNetworks,
  encodeClassifier,
  VALUE_RANGE,
  type ClassifierName,
} from '../../src/classifier/classifier-file.js';
import { readClassifierReceipt, receiptPath } from '../../src/node/classifier/classifier-receipt.js';
import { Classifier } from '../../src/classifier/classifier.js';
import { readClassifier, shippedClassifierPath } from '../../src/node/classifier/read-classifier.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';

const names = Object.keys(classifierNetworks) as ClassifierName[];
const fullMnist = Boolean(process.env['DIFFUSION_DATA_DIR']);

let runtime: Runtime;
let digits: Dataset;
let folder: string;
beforeAll(async () => {
  runtime = await createNodeRuntime();
  digits = await loadEmbeddedDigits();
  folder = mkdtempSync(join(tmpdir(), 'classifier-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function withShipped<T>(name: ClassifierName, use: (classifier: Classifier) => Promise<T>): Promise<T> {
  const classifier = await Classifier.load(name, runtime);
  try {
    return await use(classifier);
  } finally {
    await classifier.dispose();
  }
}

const accuracyOn = async (name: ClassifierName, images: Dataset): Promise<number> => {
  const { probabilities } = await withShipped(name, (classifier) => classifier.classify(images));
  return classify(probabilities, images.labels, 10).accuracy;
};

/** Every `step`-th digit. */
function every(step: number): Dataset {
  const chosen = Array.from({ length: Math.ceil(digits.count / step) }, (_, i) => i * step);
  const images = new Uint8Array(chosen.length * 784);
  chosen.forEach((index, i) => {
    images.set(digits.images.subarray(index * 784, (index + 1) * 784), i * 784);
  });
  const labels = Uint8Array.from(chosen, (index) => digits.labels[index] as number);
  return { ...digits, images, labels, count: chosen.length };
}

describe.each(names)('the shipped %s', (name) => {
  const receipt = readClassifierReceipt(receiptPath(shippedClassifierPath(name)));

  it('is the file that its receipt describes, and small', () => {
    const { sha256, network } = readClassifier(name);
    expect(receipt).toMatchObject({ network: network.name, valueRange: VALUE_RANGE, weights: { sha256 } });
    const bytes = readFileSync(shippedClassifierPath(name)).length;
    expect(bytes).toBe(receipt.weights.bytes);
    expect(bytes).toBeLessThan(name === 'evaluator' ? 400_000 : 2_000_000);
  });

  it('was good enough on the test digits', () => {
    expect(receipt.data.test.count).toBe(10_000);
    expect(receipt.accuracy).toBeGreaterThanOrEqual(name === 'evaluator' ? 0.99 : 0.995);
    expect(receipt.accuracy).toBeCloseTo(1 - receipt.errors / 10_000, 10);
  });

  it.runIf(fullMnist)('recognises as many of the test digits as its receipt says', async () => {
    const test = await loadDataset({ split: 'test' });
    expect(test.sha256).toBe(receipt.data.test.sha256);
    // Float32 rounding may tip a digit that stands on the edge between two classes.
    expect(Math.abs((await accuracyOn(name, test)) - receipt.accuracy)).toBeLessThanOrEqual(0.0002);
  });

  it('recognises the embedded digits, which it has seen', async () => {
    expect(await accuracyOn(name, every(5))).toBeGreaterThan(0.99);
  });
});

describe('a classifier', () => {
  it('gives the softmax of its logits, and logits that are linear in its features', async () => {
    const few = every(500);
    const { parameters, network } = readClassifier('feature-network');
    const { logits, probabilities, features } = await withShipped('feature-network', (c) => c.classify(few));
    const [row, feature] = [logits.subarray(0, 10), features.subarray(0, 128)];
    const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
    expect(probabilities.subarray(0, 10)).toBeCloseToTensor(
      row.map((value) => Math.exp(value) / total),
      { rtol: 1e-5, atol: 1e-9 },
    );
    // `linear`, the last layer, is the last of the parameters: weight [10, 128], bias [10].
    const weight = parameters.subarray(parameters.length - 1290);
    const expected = Array.from({ length: network.classes }, (_, k) =>
      feature.reduce((sum, value, i) => sum + value * (weight[k * 128 + i] as number), weight[1280 + k] as number),
    );
    expect(row).toBeCloseToTensor(expected, { rtol: 1e-4, atol: 1e-4 });
  });

  it('sees bytes and the same pixels in model range alike, in batches of any size', async () => {
    const few = every(36); // 278 digits: two batches
    const floats = Float32Array.from(few.images, (byte) => byte / 127.5 - 1);
    await withShipped('evaluator', async (classifier) => {
      const whole = await classifier.classify(few);
      expect((await classifier.classify({ ...few, images: floats })).logits).toEqual(whole.logits);
      const first = await classifier.classify({ ...few, images: few.images.subarray(0, 784) });
      expect(first.logits).toBeCloseToTensor(whole.logits.subarray(0, 10), { rtol: 1e-4, atol: 1e-4 });
    });
  });

  it.each([
    ['another size', { images: new Uint8Array(32 * 32), height: 32, width: 32 }, '32x32 pixels'],
    ['half an image', { images: new Uint8Array(1000), height: 28, width: 28 }, '1000 values are not a whole number'],
    ['no image', { images: new Uint8Array(0), height: 28, width: 28 }, 'at least one'],
    ['NaN', { images: new Float32Array(784).fill(NaN, 5), height: 28, width: 28 }, 'Pixel 5 of image 0 is NaN'],
    ['0..255', { images: new Float32Array(784).fill(255, 9), height: 28, width: 28 }, 'Pixel 9 of image 0 is 255'],
    ['0..1', { images: new Float32Array(784).fill(1, 9), height: 28, width: 28 }, 'take 2x - 1'],
  ])('refuses %s', async (_, images, message) => {
    await withShipped('evaluator', async (classifier) => {
      await expect(classifier.classify(images)).rejects.toThrow(message);
    });
  });

  it('takes any range if that is meant, but nothing that is not finite', async () => {
    await withShipped('evaluator', async (classifier) => {
      const [height, width] = [28, 28];
      const bright = { images: new Float32Array(784).fill(2), height, width, anyRange: true };
      expect((await classifier.classify(bright)).count).toBe(1);
      bright.images[3] = Infinity;
      await expect(classifier.classify(bright)).rejects.toThrow('Pixel 3 of image 0 is Infinity');
    });
  });
});

describe('a weights file', () => {
  it('that is not there is an error that names those that are', async () => {
    await expect(Classifier.load('nowhere.safetensors', runtime)).rejects.toThrow('The package has evaluator');
  });

  it('must be the one of the receipt beside it', () => {
    const { network, parameters } = readClassifier('evaluator');
    const path = join(folder, 'mine.safetensors');
    writeFileSync(
      path,
      encodeClassifier(
        network,
        parameters.map((value) => value + 1e-3),
      ),
    );
    expect(readClassifier(path).network.name).toBe('evaluator');
    copyFileSync(receiptPath(shippedClassifierPath('evaluator')), receiptPath(path));
    expect(() => readClassifier(path)).toThrow('the receipt beside it gives');
    writeFileSync(receiptPath(path), '{"network": "evaluator"}');
    expect(() => readClassifier(path)).toThrow('not a receipt of diffusion train-evaluator');
  });

  it('of something else is refused', () => {
    const path = join(folder, 'other.safetensors');
    writeFileSync(path, encodeSafetensors(new Map()));
    expect(() => readClassifier(path)).toThrow('no classifier that diffusion train-evaluator wrote');
    writeFileSync(path, encodeSafetensors(new Map(), { network: 'evaluator' }));
    expect(() => readClassifier(path)).toThrow('parameter conv1.weight [32,1,5,5] is missing');
  });
});
