import { readClassifier } from '#platform/classifier-source.js';
import type { Runtime } from '../runtime/types.js';
import { runtime as runtimeShape } from '../utils/argument-shapes.js';
import { CheckpointError } from '../utils/errors.js';
import type { ClassifierName } from '../classifier/classifier-file.js';
import { Classifier } from '../classifier/classifier.js';
import type { EvaluationNetworks } from './classified-set.js';
import { options, signature, text } from '../utils/arguments.js';

/** Files to use in place of the shipped ones. */
export interface NetworkFiles {
  readonly evaluator?: string | undefined;
  readonly featureNetwork?: string | undefined;
  readonly secondFeatureNetwork?: string | undefined;
}

const loadEvaluationNetworksArguments = signature('loadEvaluationNetworks', {
  runtime: runtimeShape,
  files: options({
    evaluator: text.optional(),
    featureNetwork: text.optional(),
    secondFeatureNetwork: text.optional(),
  }),
});

/**
 * Loads the networks that scores are computed with.
 *
 * @throws CheckpointError for a file that is missing, damaged, or of another network
 */
export async function loadEvaluationNetworks(runtime: Runtime, files: NetworkFiles = {}): Promise<EvaluationNetworks> {
  loadEvaluationNetworksArguments({ runtime, files });
  const origins = new Set<string | undefined>();
  const load = async (name: ClassifierName, path: string = name): Promise<Classifier> => {
    const { network, parameters, sha256, trainedOn } = await readClassifier(path);
    origins.add(trainedOn);
    if (network.name !== name) throw new CheckpointError(`${path}: contains a ${network.name}; expected a ${name}.`);
    return new Classifier(runtime, network, parameters, sha256);
  };
  const evaluator = await load('evaluator', files.evaluator);
  const features = await load('feature-network', files.featureNetwork);
  const secondFeatures = await load('second-feature-network', files.secondFeatureNetwork);
  const [trainedOn] = origins;
  return { evaluator, features, secondFeatures, ...(origins.size === 1 && trainedOn !== undefined && { trainedOn }) };
}
