import { MAPS } from '../../classifier/evaluator.js';
import type { EvaluationNetworks } from '../classified-set.js';
import { classifierFeatures } from './classifier-features.js';
import { evaluatorMaps } from './evaluator-maps.js';
import type { FeatureKind } from './feature-kind.js';
import { randomConvolutions } from './random-convolutions.js';

/** The kinds of features that a network computes image by image, of which distances need the moments alone. */
export function networkKinds({ evaluator, features, secondFeatures }: EvaluationNetworks): readonly FeatureKind[] {
  return [
    classifierFeatures("a second network's features", secondFeatures),
    evaluatorMaps(evaluator, MAPS),
    randomConvolutions(features),
  ];
}
