import type { Classifier } from '../../classifier/classifier.js';
import { imagesFor, scoringNetwork } from '../classified-set.js';
import { createFeatures, type Features } from '../features.js';
import type { ProgressHook } from '../progress.js';
import type { ScoredImages } from '../scored-images.js';
import type { FeatureKind } from './feature-kind.js';

/** The last hidden layer of a classifier. */
export function classifierFeatures(name: string, classifier: Classifier): FeatureKind {
  return {
    name,
    network: scoringNetwork(classifier),
    key: { network: classifier.sha256 },
    of: (images, onProgress) => featuresOf(classifier, images, onProgress),
  };
}

/** @returns features [N, F] of the images, in their order */
export async function featuresOf(
  classifier: Classifier,
  images: ScoredImages,
  onProgress?: ProgressHook,
): Promise<Features> {
  const dimension = classifier.network.features;
  const features = new Float32Array(images.count * dimension);
  let done = 0;
  for await (const batch of classifier.classifyBatches(imagesFor(classifier, images))) {
    features.set(batch.features, done * dimension);
    done += batch.count;
    onProgress?.(done / images.count);
  }
  return createFeatures(features, dimension);
}
