import type { Command } from 'commander';
import { join } from 'node:path';
import type { Runtime } from 'ts-diffusion';
import type { EvaluationCache, EvaluationNetworks, InceptionFeatures } from 'ts-diffusion/evaluation';
import { ProgressBar } from '../output/progress.js';
import { commandLine } from './command-line.js';

/** The options that say with which networks to score. */
export interface NetworkFlags {
  readonly evaluator?: string;
  readonly featureNetwork?: string;
  readonly secondFeatureNetwork?: string;
  readonly fid?: boolean;
  readonly inceptionWeights?: string;
  readonly offline?: boolean;
}

/** Adds the options of `NetworkFlags`, but for `--offline`. */
export function addNetworkOptions(command: Command): Command {
  return command
    .option('--fid', 'also FID over Inception-v3, as computed by pytorch-fid (91 MB download, slow)')
    .option('--inception-weights <file>', "file with pytorch-fid's weights: computes FID without a download")
    .option(
      '--evaluator <file>',
      'classifier for the Inception score; default: that of train-evaluator for these images, or of the package',
    )
    .option(
      '--feature-network <file>',
      'classifier for distances and label accuracy; default: that of train-evaluator for these images, or of the package',
    )
    .option(
      '--second-feature-network <file>',
      'classifier for a further distance; default: that of train-evaluator for these images, or of the package',
    );
}

/** What to score with. */
export interface LoadedNetworks {
  readonly networks: EvaluationNetworks;
  readonly inception: InceptionFeatures | undefined;
  readonly cache: EvaluationCache;
  /** Options whose networks are those of the package. */
  readonly ofPackage: readonly string[];
}

const networkFlags = {
  evaluator: '--evaluator',
  featureNetwork: '--feature-network',
  secondFeatureNetwork: '--second-feature-network',
} as const;

/**
 * Loads what the flags name; otherwise the networks that `diffusion train-evaluator` made for the training images, where there are any,
 * and those of the package, which MNIST's digits are always scored with: published scores are of these.
 *
 * @param trainedOn `Dataset.sha256` of the training images, where they are known
 * @throws CheckpointError, DataError for weights that are not available
 */
export async function loadNetworks(flags: NetworkFlags, runtime: Runtime, trainedOn?: string): Promise<LoadedNetworks> {
  const { cacheFolder, FileEvaluationCache, loadInceptionWeights } = await import('ts-diffusion/node');
  const { InceptionFeatures, loadEvaluationNetworks } = await import('ts-diffusion/evaluation');
  const { keptNetworks } = await import('./kept-networks.js');
  const found = trainedOn === undefined ? undefined : keptNetworks(trainedOn);
  const paths = {
    evaluator: flags.evaluator ?? found?.evaluator,
    featureNetwork: flags.featureNetwork ?? found?.featureNetwork,
    secondFeatureNetwork: flags.secondFeatureNetwork ?? found?.secondFeatureNetwork,
  };
  const networks = await loadEvaluationNetworks(runtime, paths);
  const names = Object.keys(networkFlags) as (keyof typeof networkFlags)[];
  const ofPackage = names.filter((name) => paths[name] === undefined).map((name) => networkFlags[name]);
  const cache = new FileEvaluationCache(join(cacheFolder(process.env), 'evaluation'));
  if (flags.fid !== true && flags.inceptionWeights === undefined)
    return { networks, cache, ofPackage, inception: undefined };

  const progress = new ProgressBar();
  const weights = await loadInceptionWeights({
    path: flags.inceptionWeights,
    offline: flags.offline,
    onMessage: (text) => {
      progress.log(text);
    },
    onProgress: ({ received, total }) => {
      if (total !== undefined) progress.update(received, total, 'bytes of the Inception weights');
    },
  }).finally(() => {
    progress.stop();
  });
  return { networks, cache, ofPackage, inception: new InceptionFeatures(runtime, weights) };
}

/** The command line as it was typed, for receipts. */
export function typedCommand(): string {
  return commandLine(process.argv.slice(2));
}
