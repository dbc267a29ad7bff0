import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readReceipt } from '../../../src/node/evaluation/receipt-file.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Classifier } from '../../../src/classifier/classifier.js';
import { generationOf } from '../../../src/evaluation/generation.js';
import { DiffusionPipeline } from '../../../src/pipeline/diffusion-pipeline.js';
import { readManifest } from '../../../src/pipeline/model-manifest.js';
import { shippedModel, shippedModels } from '../../../src/node/models/shipped-models.js';
import { createNodeRuntime } from '../../../src/node/runtime/node.js';
import { ConfigError } from '../../../src/utils/errors.js';

/** Networks that know digits, by the channels of their images. */
const judges: Readonly<Record<number, string>> = {
  1: 'feature-network',
  3: fileURLToPath(
    new URL('../../../../../docs/results/colour/networks/coloured-feature-network.safetensors', import.meta.url),
  ),
};

/** Two of each digit. */
const labels = Array.from({ length: 20 }, (_, i) => i % 10);

describe.each(shippedModels().map(({ id }) => id))('the shipped model %s', (id) => {
  const { path, sampling } = shippedModel(id);
  let pipeline: DiffusionPipeline;
  beforeAll(async () => {
    pipeline = await DiffusionPipeline.load(path, { threads: 1 });
  });
  afterAll(() => pipeline.dispose());

  test('draws the digits that it is asked for', async () => {
    const images = await pipeline.generate({ labels, ...sampling });
    const judge = await Classifier.load(judges[images.channels] as string, await createNodeRuntime({ threads: 1 }));
    const { probabilities } = await judge.classify(images);
    await judge.dispose();
    const recognised = labels.filter((label, i) => (probabilities[10 * i + label] ?? 0) > 0.5);
    expect(recognised.length).toBeGreaterThanOrEqual(17);
  });

  test('has a receipt of these weights, drawn from in this way', () => {
    const { generation } = readReceipt(path.replace(/\.safetensors$/, '.receipt.json'));
    expect(generation).toEqual(generationOf(pipeline, sampling));
  });
});

test('the manifest names the weights of each model', () => {
  const folder = new URL('../../../models/', import.meta.url);
  const { models } = readManifest(readFileSync(new URL('manifest.json', folder), 'utf8'));
  for (const { file, weights } of models) {
    const sum = createHash('sha256').update(readFileSync(new URL(file, folder)));
    expect(weights).toBe(sum.digest('hex').slice(0, 8));
  }
});

test('the first is used unless another is asked for', () => {
  expect(shippedModel()).toEqual(shippedModels()[0]);
  expect(shippedModel('quick').path).toMatch(/quick\.safetensors$/);
  expect(() => shippedModel('slow')).toThrow(ConfigError);
  expect(() => shippedModel('slow')).toThrow(
    'There is no model "slow" in the package. Models: modern, quick, paper, colour, student.',
  );
});
