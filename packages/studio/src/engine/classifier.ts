import { Classifier, decodeClassifier } from 'ts-diffusion/evaluation';
import { fetchBytes } from './fetch-bytes.js';
import { pipelineFor } from './model-cache.js';
import type { Setup } from './protocol.js';

/** Class probabilities [N, classes] of images [N, H, W], 0..255. */
export type Classify = (images: Uint8Array) => Promise<Float32Array>;

/** What the shipped classifier knows. */
const IMAGE_SIZE = 28;
const CLASSES = 10;

const classifiers = new Map<string, Promise<Classify>>();

/** The shipped classifier, ready on the task's device; undefined where none is shipped, or the model draws no digits. */
export async function classifierFor(setup: Setup): Promise<Classify | undefined> {
  const { device, evaluatorUrl } = setup;
  if (evaluatorUrl === undefined) return undefined;
  const { imageSize, classes } = (await pipelineFor(setup)).model;
  if (imageSize !== IMAGE_SIZE || classes !== CLASSES) return undefined;
  const known = classifiers.get(device);
  if (known !== undefined) return known;
  const loading = load(setup, evaluatorUrl);
  loading.catch(() => classifiers.delete(device));
  classifiers.set(device, loading);
  return loading;
}

async function load(setup: Setup, url: string): Promise<Classify> {
  const [file, { runtime }] = await Promise.all([fetchBytes(url), pipelineFor(setup)]);
  const { network, parameters } = decodeClassifier(file, url);
  const classifier = new Classifier(runtime, network, parameters, url);
  const [height, width] = [network.imageSize, network.imageSize];
  return async (images) => (await classifier.classify({ images, height, width })).probabilities;
}
