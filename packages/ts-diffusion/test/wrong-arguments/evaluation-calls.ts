import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as diagnostics from '../../src/entries/diagnostics.js';
import { DataError } from '../../src/entries/errors.js';
import * as evaluation from '../../src/entries/evaluation.js';
import { tinyUNet } from '../pipeline/tiny-model.js';
import { contents, frechet } from '../evaluation/receipt-contents.js';
import { untrainedNetworks } from '../evaluation/untrained-networks.js';
import {
  denoiser,
  digits28,
  floats,
  images8,
  pipeline,
  runtime,
  samples28,
  schedule,
  scored28,
  type Call,
} from './fixtures.js';

const networks = untrainedNetworks(runtime);
const { evaluator } = networks;
const { network } = evaluator;
const file = fileURLToPath(new URL('../../models/evaluator.safetensors', import.meta.url));
const featureFile = fileURLToPath(new URL('../../models/feature-network.safetensors', import.meta.url));
const bytes = readFileSync(file);
const { parameters } = evaluation.decodeClassifier(bytes, file);
const receipt = evaluation.decodeReceipt(evaluation.encodeReceipt(contents(frechet(1))), 'x');
const cache = {
  value: async <T>(_: object, compute: () => T | Promise<T>): Promise<T> => await compute(),
  statistics: async <T>(_: object, compute: () => Promise<T>): Promise<T> => await compute(),
};
const images28 = { images: digits28.images, count: 20, height: 28, width: 28 };
const inceptionWeights = { tensors: new Map(), source: 'a test', sha256: '0', published: false };
const inception = new evaluation.InceptionFeatures(runtime, inceptionWeights);
const scorer = new evaluation.ImageScorer(networks, scored28, null, cache);
const atHand = { images: scored28, first: 0, total: 20 };
const span20 = { first: 0, count: 20 };
const measured = await evaluation.measureImages(atHand, span20, networks, { thorough: false });

/** Scores, classifiers, receipts and measurements of devices. */
export const evaluationCalls: readonly Call[] = [
  { name: 'floorRatio', call: evaluation.floorRatio, given: [{ value: 3, floor: 2 }] },
  { name: 'scoringBatches', call: evaluation.scoringBatches, given: [20] },
  { name: 'imagesToMeasure', call: evaluation.imagesToMeasure, given: [span20, { total: 20, fid: true }] },
  {
    name: 'measureImages',
    call: evaluation.measureImages,
    given: [atHand, span20, networks, { thorough: false, onProgress: () => undefined }],
  },
  { name: 'mergeMeasurements', call: evaluation.mergeMeasurements, given: [[measured]] },
  {
    name: 'bitsPerDim',
    call: evaluation.bitsPerDim,
    given: [
      denoiser,
      schedule,
      { shape: [1, 1, 8, 8], bytes: images8.data, labels: Int32Array.of(1) },
      {
        seed: 0,
        timesteps: [2, 1],
        variance: 'beta',
        clipX0: true,
        termsPerImage: 1,
        batchSize: 1,
        onProgress: () => undefined,
      },
    ],
  },
  {
    name: 'trainClassifier',
    call: async (run: evaluation.ClassifierRun) => {
      const events = evaluation.trainClassifier(run);
      await events.next();
      await events.return();
    },
    given: [
      {
        network,
        training: { ...evaluation.classifierRecipes.paper.training, epochs: 1, batchSize: 1 },
        dataset: digits28,
        runtime,
        seed: 0,
        signal: new AbortController().signal,
      },
    ],
  },
  {
    name: 'classifierRecipeFor',
    call: evaluation.classifierRecipeFor,
    given: ['paper', { imageSize: 16, imageChannels: 3, classes: 4 }, 100],
  },
  { name: 'encodeClassifier', call: evaluation.encodeClassifier, given: [network, parameters] },
  { name: 'decodeClassifier', call: evaluation.decodeClassifier, given: [bytes, file] },
  {
    name: 'Classifier',
    call: (...given: ConstructorParameters<typeof evaluation.Classifier>) => new evaluation.Classifier(...given),
    given: [runtime, network, parameters, 'sha256'],
  },
  {
    name: 'Classifier.load',
    call: (...given: Parameters<typeof evaluation.Classifier.load>) => evaluation.Classifier.load(...given),
    given: ['evaluator', runtime],
  },
  {
    name: 'Classifier.classify',
    call: (images: evaluation.ClassifierImages) => evaluator.classify(images),
    given: [{ images: digits28.images, height: 28, width: 28, anyRange: false }],
  },
  {
    name: 'loadEvaluationNetworks',
    call: evaluation.loadEvaluationNetworks,
    given: [runtime, { evaluator: file, featureNetwork: featureFile }],
  },
  {
    name: 'ImageScorer',
    call: (...given: ConstructorParameters<typeof evaluation.ImageScorer>) => new evaluation.ImageScorer(...given),
    given: [networks, scored28, null, cache],
    nullable: [2],
  },
  {
    name: 'MemoryEvaluationCache.value',
    call: (...given: [object, () => number]) => new evaluation.MemoryEvaluationCache().value(...given),
    given: [{}, () => 1],
  },
  {
    name: 'MemoryEvaluationCache.statistics',
    call: (...given: [object, () => Promise<evaluation.FeatureStatistics>]) =>
      new evaluation.MemoryEvaluationCache().statistics(...given),
    given: [{}, () => Promise.resolve(new evaluation.FeatureStatistics(2))],
  },
  {
    name: 'ImageScorer.score',
    call: (...given: Parameters<typeof scorer.score>) => scorer.score(...given),
    given: [samples28, { splits: 1, neighbours: 2, bootstrap: 2, nearCopies: 0, seed: 0, onProgress: () => undefined }],
  },
  {
    name: 'InceptionFeatures',
    call: (...given: ConstructorParameters<typeof evaluation.InceptionFeatures>) =>
      new evaluation.InceptionFeatures(...given),
    given: [runtime, inceptionWeights],
  },
  {
    name: 'InceptionFeatures.extract',
    // There are no weights in the repository: with all arguments right, they are what is missed.
    call: (...given: Parameters<typeof inception.extract>) =>
      inception.extract(...given).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
      }),
    given: [images28, { batchSize: 1, onProgress: () => undefined }],
  },
  { name: 'generationOf', call: evaluation.generationOf, given: [pipeline, { seed: 1 }] },
  { name: 'weightsHash', call: evaluation.weightsHash, given: [pipeline] },
  {
    name: 'compareReceipts',
    call: evaluation.compareReceipts,
    given: [
      [
        { name: 'a', receipt },
        { name: 'b', receipt },
      ],
      { force: true },
    ],
  },
  { name: 'encodeReceipt', call: evaluation.encodeReceipt, given: [contents(frechet(1))] },
  { name: 'currentMetricName', call: evaluation.currentMetricName, given: ['Recall'] },
  {
    name: 'decodeReceipt',
    call: evaluation.decodeReceipt,
    given: [evaluation.encodeReceipt(contents(frechet(1))), 'x'],
  },
  { name: 'describeMachine', call: evaluation.describeMachine, given: [runtime] },
  { name: 'maximumDifference', call: diagnostics.maximumDifference, given: [floats(3), floats(3)] },
  { name: 'trainTinySteps', call: diagnostics.trainTinySteps, given: [runtime, ['paper-unet']] },
  { name: 'networkLayers', call: diagnostics.networkLayers, given: [tinyUNet] },
  { name: 'flopsPerImage', call: diagnostics.flopsPerImage, given: [tinyUNet, 2] },
  { name: 'measureMatrixProduct', call: diagnostics.measureMatrixProduct, given: [runtime] },
];
