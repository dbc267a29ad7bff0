import { expect, test } from 'vitest';
import { networksFor, type ClassifierName } from '../../../ts-diffusion/src/classifier/classifier-file.js';
import { Classifier } from '../../../ts-diffusion/src/classifier/classifier.js';
import { classifierParameters } from '../../../ts-diffusion/src/classifier/classifier-network.js';
import { ImageScorer } from '../../../ts-diffusion/src/evaluation/evaluate.js';
import { scoredImages, type ScoredImages } from '../../../ts-diffusion/src/evaluation/scored-images.js';
import { denoiserParameters } from '../../../ts-diffusion/src/models/denoiser-network.js';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { DiffusionPipeline } from '../../../ts-diffusion/src/pipeline/diffusion-pipeline.js';
import { digitSets } from '../../../ts-diffusion/test/evaluation/untrained-networks.js';
import { tinyModel, tinyUNet } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { checkModel, type PreparedScorer } from '../../src/evaluating/prepare-scorer.js';

const runtime = await createNodeRuntime({ threads: 1 });
const [digits] = (await digitSets(40)) as [ScoredImages];
const colours = Uint8Array.from({ length: 3 * digits.images.length }, (_, i) => digits.images[Math.floor(i / 3)] ?? 0);
const coloured = scoredImages(digits.images, digits, digits.labels, 'coloured digits', colours);

/** A scorer of untrained networks for images in so many channels. */
function prepared(reference: ScoredImages, imageChannels: 1 | 3): PreparedScorer {
  const untrained = (name: ClassifierName): Classifier => {
    const network = networksFor[name]({ imageSize: 28, imageChannels, classes: 10, task: 'classes' });
    return new Classifier(runtime, network, classifierParameters(network).initialise(1));
  };
  const networks = {
    evaluator: untrained('evaluator'),
    features: untrained('feature-network'),
    secondFeatures: untrained('second-feature-network'),
  };
  const real = { reference, training: null, networkCommand: '' };
  return {
    ...{ networks, real, inception: undefined, warnings: [] },
    ...{ scorer: new ImageScorer(networks, reference), judgesOf: () => 0 },
  };
}

function drawing(imageChannels: number): DiffusionPipeline {
  const model = { ...tinyUNet, imageSize: 28, imageChannels };
  return new DiffusionPipeline(runtime, {
    ...tinyModel(),
    model,
    parameters: denoiserParameters(model).initialise(1),
  });
}

const flags = { count: 20, neighbours: 3 };

test('bits per dimension of a model in other channels than the reference are refused before anything is drawn', () => {
  const ofGray = prepared(digits, 1);
  expect(() => {
    checkModel(ofGray, drawing(3), { ...flags, bitsPerDim: true });
  }).toThrow(/the model draws them, 28x28 pixels in 3 channels; half of digits 0 holds images of 28x28 in 1 channel\./);
  expect(() => {
    checkModel(ofGray, drawing(1), { ...flags, bitsPerDim: 3 });
    // Networks of gray images are shown the luma.
    checkModel(ofGray, drawing(3), flags);
    checkModel(prepared(coloured, 3), drawing(3), { ...flags, bitsPerDim: true });
  }).not.toThrow();
});

test('a gray model is not scored by networks of coloured images', () => {
  expect(() => {
    checkModel(prepared(coloured, 3), drawing(1), flags);
  }).toThrow(/^this model draws gray images; the .* accepts only images in colour\.$/);
});
