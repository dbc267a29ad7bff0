import { input } from '../graph/index.js';
import { imagesInput, trainedParameters, type ClassifierNetwork } from './classifier-network.js';
import { crossEntropy } from './cross-entropy.js';
import type { Objective } from '../training/optimizer-step.js';

/**
 * The cross-entropy of a classifier, in the form in which it is trained, on inputs `images` [B, C, H, W] and `targets`
 * [B, classes].
 */
export function classifierObjective(network: ClassifierNetwork, batchSize: number): Objective {
  const build = network.buildNormalized ?? network.build;
  return {
    layout: trainedParameters(network),
    loss: (parameters) => {
      const { logits } = build(parameters, imagesInput(network, batchSize));
      return crossEntropy(logits, input('targets', [batchSize, network.classes]));
    },
  };
}
