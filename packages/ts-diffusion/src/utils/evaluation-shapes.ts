import {
  bytes,
  callback,
  count,
  flag,
  floats,
  like,
  listOf,
  number,
  numbers,
  oneOf,
  options,
  positiveCount,
  record,
  tensorMap,
  text,
} from './arguments.js';

/** What evaluation is given, as far as a caller may mistake one thing for another. */

export const classifierNetwork = like('the network of a classifier', {
  name: text,
  imageSize: positiveCount,
  classes: positiveCount,
  features: positiveCount,
  build: callback,
});
export const classifier = like('a Classifier', { network: classifierNetwork, classify: callback });
export const classifierImages = options({
  images: oneOf([bytes, floats], 'a Uint8Array or a Float32Array'),
  height: number,
  width: number,
  channels: positiveCount.optional(),
  anyRange: flag.optional(),
  batches: listOf(like('a span of images', { first: count, count: positiveCount }), 'an array of spans').optional(),
});
export const measurements = like('measurements of measureImages', {
  networks: options({ evaluator: text, features: text, secondFeatures: text }),
  features: floats,
  probabilities: floats,
  evaluated: floats.nullable(),
  moments: like('a Map', { get: callback, keys: callback }),
});
export const scoredImages = like('images of scoredImages, imagesOfDataset or readScoredImages', {
  images: bytes,
  count,
  height: positiveCount,
  width: positiveCount,
  source: text,
  sha256: text,
  labels: numbers.nullable(),
});
export const imageSet = like('images with their count, height and width', {
  images: bytes,
  count,
  height: positiveCount,
  width: positiveCount,
});
export const evaluationCache = like('a MemoryEvaluationCache, a FileEvaluationCache or another cache of evaluations', {
  value: callback,
  statistics: callback,
});
export const inceptionWeights = like('weights of loadInceptionWeights', {
  tensors: tensorMap,
  source: text,
  sha256: text,
  published: flag,
});
const score = like('a score', { metric: text, conditions: record });
export const namedReceipts = listOf(
  like('a receipt with its name', {
    name: text,
    receipt: like('a receipt', { scores: listOf(score, 'an array of scores') }),
  }),
  'an array of receipts, each as { name, receipt }',
);
