import { classifierNetworks, encodeClassifier } from '../../src/classifier/classifier-file.js';
import type { EvaluationNetworks } from '../../src/evaluation/classified-set.js';
import { Classifier } from '../../src/classifier/classifier.js';
import { loadEmbeddedDigits } from '../../src/node/data/embedded.js';
import { imagesOfDataset, selectImages, type ScoredImages } from '../../src/evaluation/scored-images.js';
import { classifierParameters } from '../../src/classifier/classifier-network.js';
import type { Runtime } from '../../src/runtime/types.js';

/** The networks of the evaluation with fresh weights: what they see means nothing, but is the same each time. */
export function untrainedNetworks(runtime: Runtime): EvaluationNetworks {
  const untrained = (name: keyof typeof classifierNetworks): Classifier => {
    const network = classifierNetworks[name];
    return new Classifier(runtime, network, classifierParameters(network).initialise(1));
  };
  return {
    evaluator: untrained('evaluator'),
    features: untrained('feature-network'),
    secondFeatures: untrained('second-feature-network'),
  };
}

/** The same as files. */
export function untrainedFiles(): Record<keyof typeof classifierNetworks, Uint8Array> {
  const encode = (name: keyof typeof classifierNetworks): Uint8Array => {
    const network = classifierNetworks[name];
    return encodeClassifier(network, classifierParameters(network).initialise(1));
  };
  return {
    evaluator: encode('evaluator'),
    'feature-network': encode('feature-network'),
    'second-feature-network': encode('second-feature-network'),
  };
}

/** Disjoint sets of real digits, each with all classes. @param counts how many digits each set has */
export async function digitSets(...counts: number[]): Promise<ScoredImages[]> {
  const all = imagesOfDataset(await loadEmbeddedDigits());
  return counts.map((count, set) => {
    const rows = Array.from({ length: count }, (_, i) => Math.floor((i * all.count) / count) + set);
    return selectImages(all, rows, `digits ${set}`);
  });
}
