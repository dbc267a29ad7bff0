import { MNIST_SHA256 } from 'ts-diffusion/data';
import { networkFiles, type NetworkPaths } from 'ts-diffusion/node';

/**
 * The networks that `diffusion train-evaluator` made for a data set; undefined where there are none, and for MNIST's digits, which are
 * always scored with those of the package: published scores are of these.
 *
 * @param trainedOn `Dataset.sha256` of the training images
 */
export function keptNetworks(trainedOn: string): NetworkPaths | undefined {
  const kept = networkFiles(trainedOn, process.env);
  return trainedOn !== MNIST_SHA256 && kept.exist ? kept : undefined;
}
