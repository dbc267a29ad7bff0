import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../data/cache-folder.js';
import { record, signature, text } from '../../utils/arguments.js';

/** Increased when networks are trained in another way, so that those of before are not taken for these. */
const GENERATION = 1;

/** The files of the networks that images of one data set are scored with. */
export interface NetworkPaths {
  readonly evaluator: string;
  readonly featureNetwork: string;
  readonly secondFeatureNetwork: string;
  /** Whether all are there. */
  readonly exist: boolean;
}

const networkFilesArguments = signature('networkFiles', { sha256: text, environment: record });

/**
 * Where `diffusion train-evaluator` keeps the networks for a data set, in the cache folder.
 *
 * @param sha256 `Dataset.sha256` of the training images
 */
export function networkFiles(sha256: string, environment: Readonly<Record<string, string | undefined>>): NetworkPaths {
  networkFilesArguments({ sha256, environment });
  const folder = join(cacheFolder(environment), 'networks', `${sha256.slice(0, 32)}-${GENERATION}`);
  const evaluator = join(folder, 'evaluator.safetensors');
  const featureNetwork = join(folder, 'feature-network.safetensors');
  const secondFeatureNetwork = join(folder, 'second-feature-network.safetensors');
  const exist = [evaluator, featureNetwork, secondFeatureNetwork].every((path) => existsSync(path));
  return { evaluator, featureNetwork, secondFeatureNetwork, exist };
}
