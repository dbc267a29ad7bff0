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
    of: (images, onProgress) => featuresOf(classifier, classifier.network.features, images, onProgress),
  };
}

/**
 * @param dimension numbers per image
 * @param pool what becomes of the features of a batch of `count` images; default: they stay as they are
 * @returns features [N, dimension] of the images, in their order
 */
export async function featuresOf(
  classifier: Classifier,
  dimension: number,
  images: ScoredImages,
  onProgress?: ProgressHook,
  pool: (features: Float32Array, count: number) => Float32Array = (whole) => whole,
): Promise<Features> {
  const features = new Float32Array(images.count * dimension);
  let done = 0;
  for await (const batch of classifier.classifyBatches(imagesFor(classifier, images))) {
    features.set(pool(batch.features, batch.count), done * dimension);
    done += batch.count;
    onProgress?.(done / images.count);
  }
  return createFeatures(features, dimension);
}
