import { Classifier } from '../../classifier/classifier.js';
import { classifierParameters } from '../../classifier/classifier-network.js';
import { featureNetworkFor } from '../../classifier/feature-network.js';
import { scoringNetwork } from '../classified-set.js';
import { featuresOf } from './classifier-features.js';
import type { FeatureKind } from './feature-kind.js';

/** Of the initial weights; any other would do as well. */
const SEED = 0;

/**
 * What a network of the shape of `like`, but with random weights, computes: features that no training on any data has chosen. Random
 * convolutions see texture and brightness, not what an image shows.
 */
export function randomConvolutions(like: Classifier): FeatureKind {
  const { imageSize, imageChannels } = like.network;
  const network = { ...featureNetworkFor({ imageSize, imageChannels, classes: 1 }), name: 'random-convolutions' };
  const compile = (): Classifier =>
    new Classifier(like.runtime, network, classifierParameters(network).initialise(SEED));
  const identity = scoringNetwork(compile());
  return {
    name: 'random convolutions',
    network: identity,
    key: { network: identity.sha256 },
    of: async (images, onProgress) => {
      const classifier = compile();
      try {
        return await featuresOf(classifier, network.features, images, onProgress);
      } finally {
        await classifier.dispose();
      }
    },
  };
}
